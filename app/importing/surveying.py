"""What the log has of a statement's accounts, before anything of it is booked.

All entries of an account are kept, 37 bytes each, since a large statement meets a large log.
"""

from collections.abc import Callable, Collection, Iterator
from datetime import date
from hashlib import blake2b
from struct import Struct
from typing import Final, cast
from uuid import UUID

import msgspec

from app.importing.reading import read
from app.importing.text import normal
from domain.accounts import AccountClosed, AccountEvent, Entry, change
from eventstore.codec import UnreadableEvent, decode
from eventstore.store import EventLog, EventStore, Recorded

ACTOR: Final = "import"
"""Of the entries of imports."""

_PACKED: Final = Struct(">16s?iqq")


class Booked(msgspec.Struct, frozen=True, gc=False):
    """An entry of an account. `text` is a digest of its normal note; `imported`: an import booked it."""

    entry_id: UUID
    imported: bool
    day: date
    amount: int
    text: int


class Found(msgspec.Struct, gc=False):
    """An account that the log has; `currency` is empty if its first event cannot be read."""

    currency: str = ""
    packed: bytearray = msgspec.field(default_factory=bytearray)
    is_stopped: bool = False
    may_refuse: bool = False
    """Whether the write side may refuse its lines: it was closed, or is stopped."""

    def entries(self) -> Iterator[Booked]:
        for entry_id, imported, day, amount, text in _PACKED.iter_unpack(self.packed):
            yield Booked(UUID(bytes=entry_id), imported, date.fromordinal(day), amount, text)


def digest_of(note: str) -> int:
    return int.from_bytes(blake2b(normal(note).encode(), digest_size=8).digest(), signed=True)


async def survey(
    store: EventStore, event_log: EventLog, accounts: Collection[str], done: Callable[[int], None]
) -> dict[str, Found]:
    """The accounts that the log has. `done` is called with how many are known. Raises StoreError."""
    return await read(store, event_log, accounts, dict[str, Found], _take, done)


def _take(known: dict[str, Found], account: str, recorded: Recorded) -> None:
    """From the first event on that cannot be read, nothing of an account counts."""
    found = known.get(account)
    if found is None:
        found = known[account] = Found()
    if found.is_stopped:
        return
    try:
        fact = decode(recorded)
    except UnreadableEvent:
        found.is_stopped = found.may_refuse = True
        return
    event = cast(AccountEvent, fact.event)
    found.currency = event.currency
    found.may_refuse |= isinstance(event, AccountClosed)
    if isinstance(event, Entry):
        found.packed += _PACKED.pack(
            event.entry_id.bytes,
            fact.actor == ACTOR,
            event.value_date.toordinal(),
            change(event),
            digest_of(event.note),
        )
