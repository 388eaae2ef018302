"""Transfers that the reactor carries on, from the request to the end, over a log in memory and over a node."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
import pytest_asyncio

from commands.accounts import Accounts
from commands.deciding import NO_TERMS, Terms
from commands.transfers import Order, Transfers
from domain.accounts import (
    ACCOUNTS,
    AccountCommand,
    CloseAccount,
    CreateAccount,
    FreezeAccount,
    MoneySent,
    UnfreezeAccount,
)
from domain.idempotency import WINDOW
from domain.identifiers import AccountId
from domain.money import Amount
from domain.transfers import TRANSFERS, UNDER_WAY, Existing, RecordAnswer, Standing, next_step
from eventstore.codec import Metadata, decode_metadata, encode_data
from eventstore.store import METASTREAM, NO_STREAM, NewEvent, Recorded
from reactors import checkpoint, runner
from reactors.transfers import TRANSFERS as REACTOR
from tests.kit.accounts import DAY, deposit, withdraw
from tests.kit.contexts import context_for, context_of
from tests.kit.money import money_in
from tests.kit.reactors import Log, events_on, reacting, until
from tests.kit.transfers import requested

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

A, B = AccountId("a"), AccountId("b")


class Client(msgspec.Struct, frozen=True):
    """Of a bank where "a" has 100.00 and "b" nothing, both in CZK."""

    log: Log
    accounts: Accounts
    transfers: Transfers

    async def give(self, command: AccountCommand) -> int:
        """The revision that it led to."""
        return (await self.accounts.handle(command, context_of(command))).revision

    async def request(
        self, amount: int = 100, *, to: AccountId = B, only_at: int | None = None, key: UUID | None = None
    ) -> UUID:
        order = Order(from_account=A, to_account=to, amount=Amount(amount, 2), booked_on=DAY)
        terms = NO_TERMS if only_at is None else Terms(only_at={only_at})
        return (await self.transfers.request(order, context_for(key or uuid4()), terms)).transfer_id

    async def answer(self, transfer_id: UUID) -> None:
        """An account does what it is asked for next; then the process manager that asked was killed."""
        step = next_step(await self.transfers.state(transfer_id))
        assert step
        await self.accounts.ask(step, context_of(step))

    async def ended(self, transfer_id: UUID) -> Standing:
        """Once it has."""
        await until(lambda: self._has_ended(transfer_id))
        return await self.standing(transfer_id)

    async def _has_ended(self, transfer_id: UUID) -> bool:
        return (await self.standing(transfer_id)).state not in UNDER_WAY

    async def standing(self, transfer_id: UUID) -> Standing:
        transfer = await self.transfers.state(transfer_id)
        assert isinstance(transfer, Existing)
        return transfer.standing

    async def carried_on(self, transfer_id: UUID) -> Standing:
        """By a reactor that starts now."""
        async with reacting(self.log, [REACTOR]):
            return await self.ended(transfer_id)

    async def balances(self) -> tuple[int, int]:
        """Of both accounts, after the whole log was checked."""
        found = await money_in(self.log.store)
        assert not any(found.in_flight.values())
        return found.accounts[A].balance, found.accounts[B].balance


@pytest_asyncio.fixture(loop_scope="session")
async def client(log: Log) -> AsyncIterator[Client]:
    accounts = Accounts(log.store)
    made = Client(log, accounts, Transfers(log.store, accounts))
    await made.give(deposit(1, 10_000, account=A))
    await made.give(CreateAccount(account_id=B, command_id=uuid4(), currency="CZK"))
    yield made


async def test_a_transfer_is_completed(client: Client) -> None:
    found = await client.carried_on(await client.request(100))
    assert (found.state, found.reason) == ("completed", None)
    assert await client.balances() == (9_900, 100)


async def test_a_transfer_is_refused_if_the_money_left_after_the_request(client: Client) -> None:
    transfer_id = await client.request(10_000)
    await client.give(withdraw(2, 1))
    found = await client.carried_on(transfer_id)
    assert (found.state, found.reason, found.debit) == ("refused", "insufficient-funds", None)
    assert await client.balances() == (9_999, 0)


async def test_money_that_is_not_taken_goes_back(client: Client) -> None:
    transfer_id = await client.request(100)
    await client.give(FreezeAccount(account_id=B, command_id=uuid4()))
    found = await client.carried_on(transfer_id)
    assert (found.state, found.reason, found.credit) == ("refunded", "account-frozen", None)
    assert found.debit
    assert found.refund
    assert await client.balances() == (10_000, 0)


async def test_a_closed_account_takes_no_money(client: Client) -> None:
    transfer_id = await client.request(100)
    await client.give(CloseAccount(account_id=B, command_id=uuid4()))
    found = await client.carried_on(transfer_id)
    assert (found.state, found.reason) == ("refunded", "account-closed")


async def test_an_account_in_another_currency_takes_no_money(client: Client) -> None:
    await client.give(CreateAccount(account_id=AccountId("e"), command_id=uuid4(), currency="EUR"))
    found = await client.carried_on(await client.request(100, to=AccountId("e")))
    assert (found.state, found.reason) == ("refunded", "currency-mismatch")


async def test_a_refund_to_a_closed_account_freezes_it(client: Client) -> None:
    """Nothing on it is lost from sight, and somebody decides what becomes of it."""
    await client.give(FreezeAccount(account_id=B, command_id=uuid4()))
    transfer_id = await client.request(10_000)
    await client.answer(transfer_id)
    await client.give(CloseAccount(account_id=A, command_id=uuid4()))
    found = await client.carried_on(transfer_id)
    assert (found.state, found.reason) == ("refunded", "account-frozen")
    assert (await money_in(client.log.store)).accounts[A].state == "frozen"
    await client.give(UnfreezeAccount(account_id=A, command_id=uuid4()))
    await client.give(withdraw(3, 10_000))
    await client.give(CloseAccount(account_id=A, command_id=uuid4()))


async def test_an_answer_is_found_also_if_it_was_long_ago(client: Client) -> None:
    transfer_id = await client.request(100)
    await client.answer(transfer_id)
    for number in range(2 * WINDOW):
        await client.give(deposit(10 + number, 1))
    assert (await client.carried_on(transfer_id)).state == "completed"
    assert await client.balances() == (9_900 + 2 * WINDOW, 100)


async def test_an_account_that_declined_is_not_asked_again(client: Client) -> None:
    """Killed after the account has answered. Meanwhile it could take the money."""
    await client.give(FreezeAccount(account_id=B, command_id=uuid4()))
    transfer_id = await client.request(100)
    await client.answer(transfer_id)
    sent = (await events_on(client.log.store, A))[-1]
    assert isinstance(sent, MoneySent)
    record = RecordAnswer(transfer_id=transfer_id, command_id=uuid4(), answer=sent)
    await client.transfers.record(record, context_of(record))
    await client.answer(transfer_id)
    await client.give(UnfreezeAccount(account_id=B, command_id=uuid4()))
    assert (await client.carried_on(transfer_id)).state == "refunded"


async def test_a_transfer_at_a_certain_revision_of_the_account_is_made_at_that_one(client: Client) -> None:
    kept = await client.request(100, only_at=1)
    assert (await client.carried_on(kept)).state == "completed"
    broken = await client.request(100, only_at=2)
    await client.give(deposit(2, 1))
    found = await client.carried_on(broken)
    assert (found.state, found.reason) == ("refused", "account-changed")
    assert await client.balances() == (9_901, 100)


async def test_two_reactors_at_once_make_each_transfer_once(client: Client) -> None:
    async with reacting(client.log, [REACTOR]), reacting(client.log, [REACTOR]):
        for each in [await client.request(10 + number) for number in range(20)]:
            assert (await client.ended(each)).state == "completed"
    moved = sum(10 + number for number in range(20))
    assert await client.balances() == (10_000 - moved, moved)


# Requests that another program wrote.


async def write(client: Client, **about: Any) -> UUID:
    """Into the log, where nobody looked whether the accounts exist."""
    transfer_id = uuid4()
    event = requested(transfer=transfer_id, **about)
    new = NewEvent(uuid4(), *encode_data(event), b"{}")
    await client.log.store.append(TRANSFERS.stream(str(transfer_id)), [new], expected=NO_STREAM)
    return transfer_id


async def test_a_transfer_to_or_from_an_unknown_account_moves_nothing(client: Client) -> None:
    to_nobody = await client.carried_on(await write(client, to_account=AccountId("x")))
    assert (to_nobody.state, to_nobody.reason) == ("refunded", "unknown-account")
    from_nobody = await client.carried_on(await write(client, from_account=AccountId("x")))
    assert (from_nobody.state, from_nobody.reason) == ("refused", "unknown-account")
    assert await client.log.store.read_stream(ACCOUNTS.stream("x")) == []
    assert await client.balances() == (10_000, 0)


async def test_an_account_that_was_opened_after_the_request_takes_no_part(client: Client) -> None:
    """Or else the answer would depend on when a process manager looks, and two could see both."""
    transfer_id = await write(client, to_account=AccountId("x"))
    await client.give(deposit(5, 1, account="x"))
    found = await client.carried_on(transfer_id)
    assert (found.state, found.reason) == ("refunded", "unknown-account")


# What led to what.


async def test_each_event_says_which_one_led_to_it_and_all_say_which_request(client: Client) -> None:
    key = uuid4()
    transfer_id = await client.request(100, key=key)
    await client.carried_on(transfer_id)
    chain = await events_of_request(client, key)
    assert [each.type for each, _ in chain] == [
        "TransferRequested", "MoneySent", "TransferDebited", "MoneyReceived", "TransferCredited",
        "TransferCompleted",
    ]  # fmt: skip
    ids = [each.event_id for each, _ in chain]
    causes = [str(metadata.causation_id) for _, metadata in chain]
    assert causes == [str(key), *ids[:4], ids[3]]


async def test_a_refund_says_what_led_to_it(client: Client) -> None:
    key = uuid4()
    transfer_id = await client.request(100, key=key)
    await client.give(FreezeAccount(account_id=B, command_id=uuid4()))
    await client.carried_on(transfer_id)
    chain = await events_of_request(client, key)
    assert [each.type for each, _ in chain][3:] == [
        "TransferDeclined", "CreditDeclined", "MoneyReturned", "TransferRefunded",
    ]  # fmt: skip
    assert [str(metadata.causation_id) for _, metadata in chain][1:] == [each.event_id for each, _ in chain][
        :-1
    ]


async def events_of_request(client: Client, key: UUID) -> list[tuple[Recorded, Metadata]]:
    """Oldest first."""
    prefixes = [ACCOUNTS.stream(""), TRANSFERS.stream("")]
    records = reversed(await client.log.store.read_all(prefixes=prefixes, limit=1_000))
    both = [(each, decode_metadata(each)) for each in records]
    return [each for each in both if each[1].correlation_id == str(key)]


# Streams that are stopped.


async def test_a_stopped_account_is_reported_and_its_transfer_goes_on_after_the_repair(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "STUCK_RETRY", 0.3)
    transfer_id = await client.request(100)
    await limit(client, b'{"$maxCount": 1000}', NO_STREAM)
    async with reacting(client.log, [REACTOR]):
        await until(lambda: stuck(client, 1))
        assert (await client.standing(transfer_id)).state == "debited"
        other = await client.request(7, to=await another_account(client))
        assert (await client.ended(other)).state == "completed"
        await limit(client, b"{}", 0)
        assert (await client.ended(transfer_id)).state == "completed"
        await until(lambda: stuck(client, 0))


async def limit(client: Client, metadata: bytes, expected: int) -> None:
    """As another program does."""
    new = NewEvent(uuid4(), "$metadata", metadata, b"{}")
    await client.log.store.append(f"{METASTREAM}{ACCOUNTS.stream(B)}", [new], expected=expected)


async def stuck(client: Client, count: int) -> bool:
    stored = await checkpoint.load(client.log.store, REACTOR.name)
    return stored.written is not None and stored.progress.stuck == count


async def another_account(client: Client) -> AccountId:
    account_id = AccountId("c")
    await client.give(CreateAccount(account_id=account_id, command_id=uuid4(), currency="CZK"))
    return account_id
