"""What `history` stores, and how it follows from an event."""

from datetime import date
from typing import Final, assert_never
from uuid import UUID

import msgspec

from domain.accounts import (
    ACCOUNTS,
    AccountClosed,
    AccountCreated,
    AccountEvent,
    AccountFrozen,
    AccountUnfrozen,
    EntryReversed,
    HoldCaptured,
    HoldExpired,
    HoldPlaced,
    HoldReleased,
    MoneyDeposited,
    MoneyReceived,
    MoneyReturned,
    MoneySent,
    MoneyWithdrawn,
    OverdraftLimitChanged,
    TransferDeclined,
    change,
)
from domain.accounts import Entry as Event
from eventstore.codec import Fact
from projections.engine.readmodel import ReadModel, channel
from projections.engine.writes import HashSet, ListAppend, Write

TYPES: Final = (
    "MoneyDeposited",
    "MoneyWithdrawn",
    "EntryReversed",
    "HoldCaptured",
    "MoneySent",
    "MoneyReceived",
    "MoneyReturned",
)
"""An entry stores the index of its type (`type_index`). New types are only added at the end."""


_REVERSED: Final = TYPES.index("EntryReversed")
_CAPTURED: Final = TYPES.index("HoldCaptured")
_SENT: Final = TYPES.index("MoneySent")
_RECEIVED: Final = TYPES.index("MoneyReceived")
_RETURNED: Final = TYPES.index("MoneyReturned")


class Entry(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One entry of an account. `amount` has a sign and `balance` is the one after it: minor units of `currency`.

    `booked` is in 100 ns ticks since 1970 (UTC), `day` the proleptic Gregorian ordinal of the value date. `linked` is
    the id of the entry that a reversal undoes, of the hold that was captured, or of the transfer; otherwise empty.
    `other` is the account at the other end of the transfer, or empty.
    """

    position: int
    revision: int
    booked: int
    type_index: int
    id: bytes
    amount: int
    currency: str
    balance: int
    day: int
    note: str
    actor: str
    reference: str
    linked: bytes
    other: str = ""

    @property
    def type(self) -> str:
        return TYPES[self.type_index]

    @property
    def entry_id(self) -> UUID:
        return UUID(bytes=self.id)

    @property
    def value_date(self) -> date:
        return date.fromordinal(self.day)

    @property
    def reverses(self) -> UUID | None:
        return UUID(bytes=self.linked) if self.type_index == _REVERSED else None

    @property
    def hold_id(self) -> UUID | None:
        return UUID(bytes=self.linked) if self.type_index == _CAPTURED else None

    @property
    def transfer_id(self) -> UUID | None:
        return UUID(bytes=self.linked) if self.type_index >= _SENT else None


class Place(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Where an entry is."""

    position: int
    account_id: str


class Reversal(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The entry that undid another one, and where it is."""

    position: int
    id: bytes

    @property
    def entry_id(self) -> UUID:
        return UUID(bytes=self.id)


entry_of: Final = msgspec.msgpack.Decoder(Entry).decode
place_of: Final = msgspec.msgpack.Decoder(Place).decode
reversal_of: Final = msgspec.msgpack.Decoder(Reversal).decode


def type_index(event: Event) -> int:
    if type(event) is MoneyDeposited:
        return 0
    if type(event) is MoneyWithdrawn:
        return 1
    if type(event) is EntryReversed:
        return _REVERSED
    if type(event) is HoldCaptured:
        return _CAPTURED
    if type(event) is MoneySent:
        return _SENT
    if type(event) is MoneyReceived:
        return _RECEIVED
    if type(event) is MoneyReturned:
        return _RETURNED
    assert_never(event)


def links(event: Event) -> tuple[bytes, str]:
    """As an entry stores them: what it is linked with, and the account at the other end."""
    if type(event) is MoneyDeposited or type(event) is MoneyWithdrawn:
        return b"", ""
    if type(event) is EntryReversed:
        return event.reverses.bytes, ""
    if type(event) is HoldCaptured:
        return event.hold_id.bytes, ""
    if type(event) is MoneySent or type(event) is MoneyReceived or type(event) is MoneyReturned:
        return event.transfer_id.bytes, event.other
    assert_never(event)


def project(fact: Fact[AccountEvent]) -> tuple[Write, ...]:
    event = fact.event
    if type(event) is MoneyDeposited or type(event) is MoneyWithdrawn:
        return _written(fact, event)
    if type(event) is HoldCaptured:
        return _written(fact, event)
    if type(event) is MoneySent or type(event) is MoneyReceived or type(event) is MoneyReturned:
        return _written(fact, event)
    if type(event) is EntryReversed:
        reversal = Reversal(fact.recorded.position, event.entry_id.bytes)
        return (*_written(fact, event), HashSet("reversals", event.reverses.hex, reversal))
    if type(event) is AccountCreated or type(event) is AccountFrozen or type(event) is AccountUnfrozen:
        return ()
    if type(event) is AccountClosed or type(event) is OverdraftLimitChanged:
        return ()
    if type(event) is HoldPlaced or type(event) is HoldReleased or type(event) is HoldExpired:
        return ()
    if type(event) is TransferDeclined:
        return ()
    assert_never(event)


def _written(fact: Fact[AccountEvent], event: Event) -> tuple[Write, ...]:
    appended = ListAppend(f"entries:{event.account_id}", _entry(fact, event))
    if not event.reference:
        return (appended,)
    place = Place(fact.recorded.position, event.account_id)
    return appended, ListAppend(f"reference:{event.reference}", place)


def _entry(fact: Fact[AccountEvent], event: Event) -> Entry:
    recorded = fact.recorded
    return Entry(
        recorded.position,
        recorded.revision,
        recorded.created,
        type_index(event),
        event.entry_id.bytes,
        change(event),
        event.currency,
        event.balance,
        event.value_date.toordinal(),
        event.note,
        fact.actor,
        event.reference,
        *links(event),
    )


MODEL: Final = ReadModel[AccountEvent](
    name="history",
    version=4,
    categories=(ACCOUNTS.category,),
    project=project,
    channels=("entries", "reversals"),
)
ENTRIES: Final = channel(MODEL.name, "entries")
REVERSALS: Final = channel(MODEL.name, "reversals")
