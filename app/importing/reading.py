"""The events of some accounts: of a large part of all accounts with the log, of a small part stream by stream."""

import asyncio
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from typing import Final, TypeVar

from app.importing.together import each_of, insisting
from domain.accounts import ACCOUNTS
from eventstore.store import EventLog, EventStore, Message, Recorded, StreamStopped

EVENTS_FOR_A_STREAM: Final = 60
"""So many events of the whole log are read in the time that it takes to read one stream by itself."""

_PREFIX: Final = ACCOUNTS.stream("")

F = TypeVar("F")
Begin = Callable[[], F]
"""Makes something empty for what is found. It may be called again, since a reading may have to begin again."""
Take = Callable[[F, str, Recorded], None]
"""Adds an event of an account to it. The events of one account come in their order."""


async def read(
    store: EventStore,
    event_log: EventLog,
    accounts: Collection[str],
    begin: Begin[F],
    take: Take[F],
    done: Callable[[int], None],
) -> F:
    """What was found in the events of `accounts`. `done` is called with how many are read. Raises StoreError."""
    found = await insisting(lambda: _from_the_log(event_log, set(accounts), begin(), take))
    if found is None:
        found = begin()
        await _from_streams(store, accounts, found, take, done)
    done(len(accounts))
    return found


async def _from_the_log(event_log: EventLog, accounts: set[str], found: F, take: Take[F]) -> F | None:
    """None if that takes longer than reading the streams. The thread that reads ends also if this is cancelled."""
    reading = await asyncio.to_thread(event_log.read, prefixes=(_PREFIX,), after=None)
    try:
        is_whole = await asyncio.to_thread(_take_all, reading, accounts, found, take)
    finally:
        reading.stop()
    return found if is_whole else None


def _take_all(reading: Iterable[Message], accounts: set[str], found: F, take: Take[F]) -> bool:
    left = EVENTS_FOR_A_STREAM * len(accounts)
    for message in reading:
        if type(message) is not Recorded:
            continue
        left -= 1
        if left < 0:
            return False
        account = message.stream.removeprefix(_PREFIX)
        if account in accounts:
            take(found, account, message)
    return True


async def _from_streams(
    store: EventStore, accounts: Collection[str], found: F, take: Take[F], done: Callable[[int], None]
) -> None:
    looked_up = 0

    async def look_up(account: str) -> None:
        nonlocal looked_up
        records: list[Recorded] = []
        with suppress(StreamStopped):
            records = await insisting(lambda: store.read_stream(ACCOUNTS.stream(account)))
        for recorded in records:
            take(found, account, recorded)
        looked_up += 1
        done(looked_up)

    await each_of(look_up, accounts)
