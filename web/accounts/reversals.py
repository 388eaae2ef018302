"""What the page of a reversal shows before it is booked, and afterwards the way to it."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from uuid import UUID

import msgspec

from commands.accounts import Receipt
from domain.accounts import Existing
from domain.identifiers import AccountId, parse_account_id
from projections.engine.reading import ReadModelMissing
from projections.readmodels import history
from projections.readmodels.history import Entry, Reversal
from web.services import Services


class Figure(msgspec.Struct, frozen=True):
    """In minor units, before and after the reversal."""

    before: int
    after: int


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """The entry that will be booked; `amount` has a sign. And what it changes."""

    amount: int
    currency: str
    value_date: date
    balance: Figure
    available: Figure


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """`entry` is the one to reverse; None if the read model does not have it. `reversal` is the one that undid it.

    `effect` is None if the reversal would be refused.
    """

    entry: Entry | None = None
    reversal: Reversal | None = None
    effect: Effect | None = None


async def preview(services: Services, ids: Mapping[str, str], receipt: Receipt | None) -> Preview:
    """`receipt` is that of the reversal in a dry run; None if it was refused. Raises ReadModelUnavailable."""
    account_id, entry_id = parse_account_id(ids["account_id"]), UUID(ids["entry_id"])
    entry = reversal = None
    with suppress(ReadModelMissing):
        entry = await history.entry(services.redis, account_id, entry_id)
        reversal = (await history.reversals(services.redis, [entry_id])).get(entry_id)
    effect = None if receipt is None else await _effect(services, account_id, receipt)
    return Preview(entry=entry, reversal=reversal, effect=effect)


async def _effect(services: Services, account_id: AccountId, receipt: Receipt) -> Effect:
    state = await services.accounts.state(account_id)
    assert isinstance(state, Existing)  # otherwise the reversal is refused
    reserved = state.standing.available - state.standing.balance
    assert receipt.amount is not None  # a reversal moves money
    balance = Figure(receipt.balance - receipt.amount, receipt.balance)
    return Effect(
        amount=receipt.amount,
        currency=receipt.currency,
        value_date=services.today(),
        balance=balance,
        available=Figure(balance.before + reserved, balance.after + reserved),
    )
