"""The API's answers about accounts. Amounts are decimal strings."""

from datetime import date
from typing import Self
from uuid import UUID

import msgspec

from commands.accounts import Receipt
from domain.money import format_amount
from projections.readmodels.balances import AccountRow
from projections.readmodels.history import Entry
from web.http.formats import machine_time


class BookedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The effect of a command at that time. `entry_id` is null if it moved no money.

    Read models that have reached `position` show it.
    """

    account_id: str
    entry_id: UUID | None
    revision: int
    position: int
    balance: str
    currency: str

    @classmethod
    def of(cls, receipt: Receipt) -> Self:
        assert receipt.position is not None  # only a dry run has none
        return cls(
            account_id=receipt.account_id,
            entry_id=receipt.entry_id,
            revision=receipt.revision,
            position=receipt.position,
            balance=format_amount(receipt.balance, receipt.currency),
            currency=receipt.currency,
        )


class StoppedAnswer(msgspec.Struct, frozen=True):
    """The account is as it was before its event `revision`, which cannot be used; nothing can be booked on it."""

    revision: int
    reason: str


class ListedAccountAnswer(msgspec.Struct, frozen=True, kw_only=True):
    account_id: str
    balance: str
    currency: str
    state: str
    user_id: str | None
    revision: int
    position: int
    stopped: StoppedAnswer | msgspec.UnsetType = msgspec.UNSET

    @classmethod
    def of(cls, row: AccountRow) -> Self:
        return cls(
            account_id=row.account_id,
            balance=format_amount(row.balance, row.currency),
            currency=row.currency,
            state=row.state,
            user_id=row.holder,
            revision=row.revision,
            position=row.position,
            stopped=StoppedAnswer(row.stopped.revision, row.stopped.reason) if row.stopped else msgspec.UNSET,
        )


class AccountAnswer(ListedAccountAnswer, frozen=True, kw_only=True):
    """`settling` says that the read models have not reached the requested position yet."""

    settling: bool


class AccountsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`after` continues the list; null at its end."""

    accounts: list[ListedAccountAnswer]
    after: str | None


class EntryAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`amount` is signed; `balance` is the balance after the entry."""

    entry_id: UUID
    type: str
    amount: str
    balance: str
    currency: str
    value_date: date
    note: str
    actor: str
    revision: int
    position: int
    booked: str

    @classmethod
    def of(cls, entry: Entry) -> Self:
        return cls(
            entry_id=entry.entry_id,
            type=entry.type,
            amount=format_amount(entry.amount, entry.currency),
            balance=format_amount(entry.balance, entry.currency),
            currency=entry.currency,
            value_date=entry.value_date,
            note=entry.note,
            actor=entry.actor,
            revision=entry.revision,
            position=entry.position,
            booked=machine_time(entry.booked),
        )


class HistoryAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`before` continues the list; null at its end."""

    account_id: str
    entries: list[EntryAnswer]
    before: int | None
