"""How the read models lie in Redis: arrays of msgpack, the commit position first; and back into `models`.

Arrays take a third of the memory of maps. The position comes first because the search script reads it there. Fields are
only ever added at the end, and never more than 15 in all (an array's header stays one byte).
"""

from datetime import date
from typing import Final
from uuid import UUID

import msgspec

from projections.models import AccountRow, FeedItem, HistoryEntry, Totals

ENTRY_TYPES: Final = ("MoneyDeposited", "MoneyWithdrawn")
"""An entry stores the index of its type. Only ever added to at the end."""


HIGH: Final = 2**32
"""A sum of money is kept in two counters, low + HIGH x high: no sum of balances can overflow 64 bits."""


class Row(msgspec.Struct, array_like=True, frozen=True, gc=False):
    position: int
    revision: int
    changed: int
    currency: str
    balance: int
    last_amount: int | None


class Entry(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """`value_date` is the proleptic Gregorian ordinal of the day."""

    position: int
    revision: int
    booked: int
    type: int
    entry_id: bytes
    amount: int
    currency: str
    balance: int
    value_date: int
    note: str
    actor: str


class Item(msgspec.Struct, array_like=True, frozen=True, gc=False):
    position: int
    revision: int
    booked: int
    type: str
    event_id: str
    stream: str
    account_id: str
    amount: int | None
    currency: str
    note: str
    actor: str


class Parked(msgspec.Struct, frozen=True):
    """Why a stream is parked, since its event at `revision`."""

    revision: int
    position: int
    reason: str


row: Final = msgspec.msgpack.Decoder(Row).decode
entry: Final = msgspec.msgpack.Decoder(Entry).decode
item: Final = msgspec.msgpack.Decoder(Item).decode
parked: Final = msgspec.msgpack.Decoder(Parked).decode


def account_row(account_id: str, blob: bytes, owner: bytes | None) -> AccountRow:
    found = row(blob)
    return AccountRow(
        account_id=account_id,
        currency=found.currency,
        user_id=None if owner is None else owner.decode(),
        state="open",
        balance=found.balance,
        last_amount=found.last_amount,
        revision=found.revision,
        position=found.position,
        changed=found.changed,
    )


def history_entry(account_id: str, blob: bytes) -> HistoryEntry:
    found = entry(blob)
    return HistoryEntry(
        account_id=account_id,
        entry_id=UUID(bytes=found.entry_id),
        type=ENTRY_TYPES[found.type],
        amount=found.amount,
        currency=found.currency,
        balance=found.balance,
        value_date=date.fromordinal(found.value_date),
        note=found.note,
        actor=found.actor,
        revision=found.revision,
        position=found.position,
        booked=found.booked,
    )


def feed_item(blob: bytes) -> FeedItem:
    found = item(blob)
    return FeedItem(
        event_id=found.event_id,
        type=found.type,
        stream=found.stream,
        account_id=found.account_id,
        amount=found.amount,
        currency=found.currency,
        note=found.note,
        actor=found.actor,
        revision=found.revision,
        position=found.position,
        booked=found.booked,
    )


def totals(fields: dict[bytes, bytes]) -> Totals:
    held: dict[str, int] = {}
    for field, value in fields.items():
        kind, _, rest = field.decode().partition(":")
        if kind == "held":
            code, _, high = rest.partition(":")
            held[code] = held.get(code, 0) + int(value) * (HIGH if high else 1)
    return Totals(held=held, accounts=int(fields.get(b"accounts", 0)), events=int(fields.get(b"events", 0)))
