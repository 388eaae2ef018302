"""The API's answers about accounts. Amounts are decimal strings."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, Self
from uuid import UUID

import msgspec

from commands.accounts import Receipt
from domain.money import format_amount
from projections.readmodels.balances import AccountRow
from projections.readmodels.history import Entry, Reversal
from web.http.formats import machine_time


class BookedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The effect of a command at that time. `entry_id` is null if it moved no money.

    Read models that have reached `position` show it; it may be that of a later entry, which was recorded together with
    this one. `hold_id`, `held` and `available` are there if it was about a
    hold. A dry run has `dry_run` instead of `position`.
    """

    account_id: str
    entry_id: UUID | None
    hold_id: UUID | msgspec.UnsetType = msgspec.UNSET
    revision: int
    position: int | msgspec.UnsetType = msgspec.UNSET
    balance: str
    held: str | msgspec.UnsetType = msgspec.UNSET
    available: str | msgspec.UnsetType = msgspec.UNSET
    currency: str
    dry_run: bool | msgspec.UnsetType = msgspec.UNSET

    @classmethod
    def of(cls, receipt: Receipt, *, dry_run: bool) -> Self:
        about_a_hold: dict[str, Any] = {"hold_id": receipt.hold_id}
        for name in ("held", "available"):
            figure = getattr(receipt, name)
            about_a_hold[name] = None if figure is None else format_amount(figure, receipt.currency)
        return cls(
            account_id=receipt.account_id,
            entry_id=receipt.entry_id,
            revision=receipt.revision,
            balance=format_amount(receipt.balance, receipt.currency),
            currency=receipt.currency,
            **{name: value for name, value in about_a_hold.items() if value is not None},
            **({"dry_run": True} if dry_run else {"position": receipt.position}),
        )


STANDING_EXAMPLE: Final = BookedAnswer(
    account_id="576", entry_id=None, revision=7, balance="1250.50", currency="CZK"
)
"""Examples of answers, without their place in the log."""
ENTRY_EXAMPLE: Final = msgspec.structs.replace(
    STANDING_EXAMPLE, entry_id=UUID("0c6c7a52-6e0f-5d0a-9a53-2f3a3c1de7a1")
)
HOLD_EXAMPLE: Final = msgspec.structs.replace(
    STANDING_EXAMPLE,
    hold_id=UUID("b9d5b3a4-31c7-5c34-8f6f-7a52d0c6c7a5"),
    held="99.90",
    available="1150.60",
)
CAPTURE_EXAMPLE: Final = msgspec.structs.replace(
    HOLD_EXAMPLE, entry_id=ENTRY_EXAMPLE.entry_id, balance="1150.60", held="0.00"
)


class StoppedAnswer(msgspec.Struct, frozen=True):
    """It is as it was before its event `revision`, which cannot be used; nothing can be booked on it."""

    revision: int
    reason: str


class ListedAccountAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`available` is what can be withdrawn or held: balance - held + overdraft, which is the limit."""

    account_id: str
    balance: str
    held: str
    available: str
    overdraft: str
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
            held=format_amount(row.held, row.currency),
            available=format_amount(row.available, row.currency),
            overdraft=format_amount(row.overdraft, row.currency),
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


class HoldAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`expires` is null if the hold never ends by itself."""

    hold_id: UUID
    amount: str
    expires: datetime | None


class HoldsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The active holds, oldest first, and their sum; as of the account's `revision`."""

    account_id: str
    holds: list[HoldAnswer]
    held: str
    available: str
    currency: str
    revision: int
    position: int

    @classmethod
    def of(cls, row: AccountRow) -> Self:
        holds = [
            HoldAnswer(
                hold_id=hold.hold_id,
                amount=format_amount(hold.amount, row.currency),
                expires=hold.expires,
            )
            for hold in row.holds
        ]
        return cls(
            account_id=row.account_id,
            holds=holds,
            held=format_amount(row.held, row.currency),
            available=format_amount(row.available, row.currency),
            currency=row.currency,
            revision=row.revision,
            position=row.position,
        )


class EntryAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`amount` is signed; `balance` is the balance after the entry.

    `reverses` is the entry that a reversal undoes, `reversed_by` the entry that undid this one, `hold_id` the hold that
    was captured. An entry of a transfer has its `transfer_id`, and the account at its other end.
    """

    entry_id: UUID
    type: str
    amount: str
    balance: str
    currency: str
    value_date: date
    note: str
    reference: str
    reverses: UUID | None
    reversed_by: UUID | None
    hold_id: UUID | None
    transfer_id: UUID | None
    other_account: str | None
    actor: str
    revision: int
    position: int
    booked: str

    @classmethod
    def of(cls, entry: Entry, reversal: Reversal | None = None, **more: Any) -> Self:
        return cls(
            entry_id=entry.entry_id,
            type=entry.type,
            amount=format_amount(entry.amount, entry.currency),
            balance=format_amount(entry.balance, entry.currency),
            currency=entry.currency,
            value_date=entry.value_date,
            note=entry.note,
            reference=entry.reference,
            reverses=entry.reverses,
            reversed_by=reversal.entry_id if reversal else None,
            hold_id=entry.hold_id,
            transfer_id=entry.transfer_id,
            other_account=entry.other or None,
            actor=entry.actor,
            revision=entry.revision,
            position=entry.position,
            booked=machine_time(entry.booked),
            **more,
        )


class HistoryAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`before` continues the list; null at its end."""

    account_id: str
    entries: list[EntryAnswer]
    before: int | None


class EntryOnAccountAnswer(EntryAnswer, frozen=True, kw_only=True):
    account_id: str


class EntriesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The newest entries with a reference, newest first."""

    reference: str
    entries: list[EntryOnAccountAnswer]

    @classmethod
    def of(
        cls, reference: str, found: Sequence[tuple[str, Entry]], reversals: Mapping[UUID, Reversal]
    ) -> Self:
        entries = [
            EntryOnAccountAnswer.of(entry, reversals.get(entry.entry_id), account_id=account_id)
            for account_id, entry in found
        ]
        return cls(reference=reference, entries=entries)
