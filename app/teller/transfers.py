"""Transfers straight on the log: a request, how it ends, and a transfer as it is."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from app.messages import transfers as messages
from app.teller.asking import Answer, context_of
from commands.accounts import Accounts
from commands.deciding import Terms
from commands.transfers import Order, TransferReceipt, Transfers
from domain.money import format_amount
from domain.transfers import UNDER_WAY, Existing
from eventstore.store import EventStore
from web.messages_on_transfers import would_decline
from web.transfers.answers import ListedTransferAnswer, RequestedAnswer
from web.transfers.recorded import recorded

LOOK_EVERY: Final = 0.05


async def create(
    store: EventStore,
    order: Order,
    command_id: UUID,
    now: datetime,
    terms: Terms,
    *,
    wait: float,
    say: Callable[[str], None],
) -> Answer:
    """Requests a transfer, and waits `wait` seconds for its end. `say` gets each sentence as soon as it is known.

    Raises DomainError, StoreError, TooContended, WrongVersion.
    """
    transfers = Transfers(store, Accounts(store))
    receipt = await transfers.request(order, context_of(command_id, now), terms)
    for sentence in about(receipt, dry_run=terms.dry_run, foretells=not wait):
        say(sentence)
    answer = requested(receipt, dry_run=terms.dry_run)
    if terms.dry_run:
        return answer
    if wait:
        await _end(transfers, receipt.transfer_id, wait)
    found = await show(store, receipt.transfer_id)
    assert found
    say(how(found))
    now_known = {"state": found.state, "reason": found.reason, "detail": found.detail}
    return {**answer, **{name: value for name, value in now_known.items() if value is not msgspec.UNSET}}


def requested(receipt: TransferReceipt, *, dry_run: bool) -> Answer:
    """As the API answers a request."""
    answer = msgspec.to_builtins(RequestedAnswer.of(receipt, dry_run=dry_run))
    return {**answer, "repeated": receipt.repeated}


def about(receipt: TransferReceipt, *, dry_run: bool, foretells: bool = True) -> list[str]:
    """What was requested, for people; `foretells`: also what the receiving account would say to it now."""
    amount = format_amount(receipt.amount, receipt.currency)
    accounts = receipt.from_account, receipt.to_account
    told = [messages.requested(str(receipt.transfer_id), amount, receipt.currency, *accounts)]
    if foretells and receipt.declined:
        told.append(would_decline(receipt.to_account, receipt.declined))
    if receipt.repeated:
        told.append(messages.REQUESTED_BEFORE)
    elif dry_run:
        told.append(messages.DRY_RUN)
    return told


def reversal(answer: Answer) -> str:
    """That the reversal of an entry reverses its transfer, for people. `answer` is that to the request."""
    if "dry_run" in answer:
        told = [messages.WOULD_REVERSE_TRANSFER, messages.DRY_RUN]
    else:
        told = [messages.reverses_transfer(str(answer["transfer_id"]))]
    if "declined" in answer:
        told.insert(1, answer["declined"]["detail"])
    if answer["repeated"]:
        told.append(messages.REQUESTED_BEFORE)
    return "\n".join(told)


async def _end(transfers: Transfers, transfer_id: UUID, seconds: float) -> None:
    """Waits until the transfer has ended, at most `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        transfer = await transfers.state(transfer_id)
        if isinstance(transfer, Existing) and transfer.standing.state not in UNDER_WAY:
            return
        await asyncio.sleep(LOOK_EVERY)


async def show(store: EventStore, transfer_id: UUID) -> ListedTransferAnswer | None:
    """As the API answers; None: the transfer does not exist. Raises StoreError."""
    return await recorded(store, Transfers(store, Accounts(store)), transfer_id)


def how(answer: ListedTransferAnswer) -> str:
    """How the transfer has ended, or that it has not, in a sentence."""
    reason = answer.detail or ""
    match answer.state:
        case "completed":
            return messages.COMPLETED
        case "refused":
            return messages.refused(reason)
        case "refunded":
            return messages.refunded(reason)
        case _:
            return messages.under_way(str(answer.transfer_id))


def lines(answer: ListedTransferAnswer) -> list[str]:
    """The transfer for people."""
    told = [
        messages.requested(
            str(answer.transfer_id), answer.amount, answer.currency, answer.from_account, answer.to_account
        ),
        how(answer),
    ]
    legs = {"debit": answer.debit, "credit": answer.credit, "refund": answer.refund}
    told += [messages.entry(step, str(leg.entry_id), leg.account_id) for step, leg in legs.items() if leg]
    if answer.reverses:
        told.append(messages.reverses(str(answer.reverses)))
    if answer.reversed_by:
        told.append(messages.reversed_by(str(answer.reversed_by)))
    return told
