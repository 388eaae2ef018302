"""What the log has of a statement's accounts, before anything of it is booked.

All entries of an account are kept, 37 bytes each, since a large statement meets a large log.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from datetime import date
from hashlib import blake2b
from struct import Struct
from typing import Final, cast
from uuid import UUID

import msgspec

from app.importing.text import normal
from app.importing.together import each_of, insisting
from domain.accounts import ACCOUNTS, AccountEvent, Entry, change
from eventstore.codec import UnreadableEvent, decode
from eventstore.store import EventLog, EventStore, Message, Recorded, StreamStopped

ACTOR: Final = "import"
"""Of the entries of imports."""

EVENTS_FOR_A_STREAM: Final = 60
"""So many events of the whole log are read in the time that it takes to read one stream by itself."""

_PACKED: Final = Struct(">16s?iqq")
_PREFIX: Final = ACCOUNTS.stream("")


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

    def entries(self) -> Iterator[Booked]:
        for entry_id, imported, day, amount, text in _PACKED.iter_unpack(self.packed):
            yield Booked(UUID(bytes=entry_id), imported, date.fromordinal(day), amount, text)


def digest_of(note: str) -> int:
    return int.from_bytes(blake2b(normal(note).encode(), digest_size=8).digest(), signed=True)


async def survey(
    store: EventStore, event_log: EventLog, accounts: Collection[str], done: Callable[[int], None]
) -> dict[str, Found]:
    """The accounts that the log has. `done` is called with how many are known. Raises StoreError.

    A large part of the log's accounts is found by reading the log once, a small part stream by stream.
    """
    found = await insisting(lambda: _from_the_log(event_log, set(accounts)))
    if found is None:
        found = await _from_streams(store, accounts, done)
    done(len(accounts))
    return found


async def _from_the_log(event_log: EventLog, accounts: set[str]) -> dict[str, Found] | None:
    """None if that takes longer than reading the streams. The thread that reads ends also if this is cancelled."""
    reading = await asyncio.to_thread(event_log.read, prefixes=(_PREFIX,), after=None)
    try:
        return await asyncio.to_thread(_read, reading, accounts)
    finally:
        reading.stop()


def _read(reading: Iterable[Message], accounts: set[str]) -> dict[str, Found] | None:
    found: dict[str, Found] = {}
    left = EVENTS_FOR_A_STREAM * len(accounts)
    for message in reading:
        if type(message) is not Recorded:
            continue
        left -= 1
        if left < 0:
            return None
        account = message.stream.removeprefix(_PREFIX)
        if account in accounts:
            _take(found.setdefault(account, Found()), message)
    return found


async def _from_streams(
    store: EventStore, accounts: Collection[str], done: Callable[[int], None]
) -> dict[str, Found]:
    found: dict[str, Found] = {}
    looked_up = 0

    async def look_up(account: str) -> None:
        nonlocal looked_up
        records: list[Recorded] = []
        with suppress(StreamStopped):
            records = await insisting(lambda: store.read_stream(ACCOUNTS.stream(account)))
        for recorded in records:
            _take(found.setdefault(account, Found()), recorded)
        looked_up += 1
        done(looked_up)

    await each_of(look_up, accounts)
    return found


def _take(found: Found, recorded: Recorded) -> None:
    """From the first event on that cannot be read, nothing of an account counts."""
    if found.is_stopped:
        return
    try:
        fact = decode(recorded)
    except UnreadableEvent:
        found.is_stopped = True
        return
    event = cast(AccountEvent, fact.event)
    found.currency = event.currency
    if isinstance(event, Entry):
        found.packed += _PACKED.pack(
            event.entry_id.bytes,
            fact.actor == ACTOR,
            event.value_date.toordinal(),
            change(event),
            digest_of(event.note),
        )
