"""The reactor `transfers`: the process manager that carries transfers on.

It asks each account for the next step (`domain.transfers.next_step`) and records the answer, until nothing is left to
do. Whatever it did before it was interrupted is in the log: the transfer's state says where to go on, and an account
that was asked before gives the same answer.
"""

from typing import Final, assert_never
from uuid import UUID, uuid5

from msgspec.structs import replace

from commands.booking import Outcome
from commands.context import Context
from commands.deciding import Terms, WrongVersion
from domain.accounts import (
    ACCOUNTS,
    AccountEvent,
    MoneyReceived,
    MoneyReturned,
    MoneySent,
    ReturnMoney,
    SendMoney,
    TransferDeclined,
)
from domain.transfers import (
    AccountStep,
    Answer,
    Existing,
    NoAccount,
    RecordAnswer,
    TransferCompleted,
    TransferRefunded,
    TransferRefused,
    TransferRequested,
    next_step,
)
from eventstore.codec import Fact
from eventstore.store import time_of
from reactors.reactor import Begins, Ends, Reactor, Tools, context_after

Looked = TransferRequested | TransferCompleted | TransferRefused | TransferRefunded


def plan(fact: Fact[Looked]) -> Begins | Ends:
    event = fact.event
    match event:
        case TransferRequested():
            return Begins(event.aggregate_id, time_of(fact.recorded))
        case TransferCompleted() | TransferRefused() | TransferRefunded():
            return Ends(event.aggregate_id)
        case _:
            assert_never(event)


async def carry_on(fact: Fact[TransferRequested], tools: Tools) -> bool:
    """Until the transfer has ended."""
    transfer_id = fact.event.transfer_id
    while True:
        loaded = await tools.transfers.loaded(transfer_id)
        transfer = loaded.state
        step = next_step(transfer)
        if step is None:
            return True
        assert isinstance(transfer, Existing)
        context = replace(context_after(fact, step.command_id, tools.now()), causation_id=UUID(loaded.last))
        if await _was_there(step, fact, tools):
            answer, answered = await _ask(step, transfer.standing.only_at, context, tools)
        else:
            answer, answered = _no_account(step), step.command_id
        record = RecordAnswer(
            transfer_id=transfer_id, command_id=uuid5(step.command_id, "answer"), answer=answer
        )
        await tools.transfers.record(
            record, replace(context, command_id=record.command_id, causation_id=answered)
        )


async def _was_there(step: AccountStep, fact: Fact[TransferRequested], tools: Tools) -> bool:
    """Whether the account existed when the transfer was requested: true or false for ever, whoever looks, and when.

    Another program can request a transfer of an account that does not exist. If the account's being there now decided,
    two processes could see both, and one ask it to pay while the other one ends the transfer.
    """
    if isinstance(step, ReturnMoney):
        return True
    opening = await tools.store.read_stream(ACCOUNTS.stream(step.account_id), start=0, limit=1)
    if opening:
        is_cut_off = opening[0].revision > 0
        return is_cut_off or opening[0].position < fact.recorded.position
    await tools.accounts.state(step.account_id)  # raises StreamStopped if it was deleted
    return False


def _no_account(step: AccountStep) -> NoAccount:
    return NoAccount(step="debit" if isinstance(step, SendMoney) else "credit")


async def _ask(step: AccountStep, only_at: int | None, context: Context, tools: Tools) -> tuple[Answer, UUID]:
    """The account's answer, and the id of the event that it is."""
    outcome = await _answered(step, only_at, context, tools)
    assert isinstance(outcome.event, MoneySent | MoneyReceived | MoneyReturned | TransferDeclined)
    assert outcome.event_id
    return outcome.event, outcome.event_id


async def _answered(
    step: AccountStep, only_at: int | None, context: Context, tools: Tools
) -> Outcome[AccountEvent]:
    if only_at is None or not isinstance(step, SendMoney):
        return await tools.accounts.ask(step, context)
    try:
        return await tools.accounts.ask(step, context, Terms(only_at={only_at}))
    except WrongVersion:
        return await tools.accounts.ask(replace(step, declined="account-changed"), context)


TRANSFERS: Final = Reactor(
    name="transfers",
    events=(TransferRequested, TransferCompleted, TransferRefused, TransferRefunded),
    plan=plan,
    act=carry_on,
)
