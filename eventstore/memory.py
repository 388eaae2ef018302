"""The log in memory, for unit tests: the revisions, idempotency and subscriptions of the real one, but not on a disk.

`MemoryStore` and `MemoryLog` share one `Records`, as the two adapters in `esdb` share one server.
"""

import asyncio
import time
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence
from threading import Condition
from typing import Final

from eventstore import messages
from eventstore.store import (
    LIMITING,
    NO_STREAM,
    Appended,
    CaughtUp,
    Checkpoint,
    Message,
    NewEvent,
    Recorded,
    WrongRevision,
)

_STRIDE: Final = 100
"""The distance between two positions, so that no code can rely on consecutive ones."""


class Records:
    """The events of the log. Safe to share between threads."""

    def __init__(self) -> None:
        self.changed: Final = Condition()
        self.all: Final[list[Recorded]] = []
        self.streams: Final[dict[str, list[Recorded]]] = {}

    def append(self, stream: str, events: Sequence[NewEvent], expected: int) -> Appended:
        with self.changed:
            records = self.streams.get(stream, [])
            current = len(records) - 1
            if expected < current:
                return self._repeated(stream, events, expected)
            if expected > current:
                raise WrongRevision(stream, expected, current)
            last = [self._record(stream, event) for event in events][-1]
            self.changed.notify_all()
            return Appended(last.revision, last.position)

    def _repeated(self, stream: str, events: Sequence[NewEvent], expected: int) -> Appended:
        records = self.streams[stream]
        there = records[expected + 1 : expected + 1 + len(events)]
        if [record.event_id for record in there] != [str(event.id) for event in events]:
            raise WrongRevision(stream, expected, len(records) - 1)
        return Appended(there[-1].revision, there[-1].position)

    def _record(self, stream: str, event: NewEvent) -> Recorded:
        records = self.streams.setdefault(stream, [])
        record = Recorded(
            stream=stream,
            revision=len(records),
            position=_STRIDE * (len(self.all) + 1),
            event_id=str(event.id),
            type=event.type,
            data=event.data,
            metadata=event.metadata,
            created=time.time_ns() // 100,
        )
        records.append(record)
        self.all.append(record)
        return record

    def after(self, position: int | None) -> list[Recorded]:
        with self.changed:
            return self.all[bisect_right(self.all, position or 0, key=_position) :]

    def head(self, prefixes: Sequence[str]) -> int:
        """Without prefixes: of all streams except the server's own."""
        with self.changed:
            newest_first = reversed(self.all)
            matching = (each.position for each in newest_first if _matches(each.stream, prefixes))
            return next(matching, 0)

    def end(self) -> int:
        with self.changed:
            return self.all[-1].position if self.all else 0

    def at(self, position: int) -> str | None:
        found = self.after(position - 1)[:1]
        return found[0].event_id if found and found[0].position == position else None

    def first(self, prefixes: Sequence[str], start: int | None) -> Recorded | None:
        following = self.after(None if start is None else start - 1)
        return next((each for each in following if _matches(each.stream, prefixes)), None)


class MemoryStore:
    """The port `EventStore`."""

    def __init__(self, records: Records) -> None:
        self._records = records

    async def append(self, stream: str, events: Sequence[NewEvent], *, expected: int) -> Appended:
        if not events or expected < NO_STREAM:
            raise ValueError(messages.INCOMPLETE_APPEND)
        await asyncio.sleep(0)
        return self._records.append(stream, events, expected)

    async def read_stream(
        self, stream: str, *, start: int | None = None, limit: int | None = None, backwards: bool = False
    ) -> list[Recorded]:
        await asyncio.sleep(0)
        records = self._records.streams.get(stream, [])
        if not backwards:
            return records[start:][:limit]
        return records[: None if start is None else start + 1][::-1][:limit]

    async def read_all(
        self, *, prefixes: Sequence[str], before: int | None = None, limit: int
    ) -> list[Recorded]:
        await asyncio.sleep(0)
        records = self._records.all
        end = len(records) if before is None else bisect_left(records, before, key=_position)
        newest_first = (record for record in records[:end][::-1] if record.stream.startswith(tuple(prefixes)))
        return [record for record, _ in zip(newest_first, range(limit), strict=False)]

    async def head(self) -> int:
        await asyncio.sleep(0)
        return self._records.head(())

    async def first(self, *, prefixes: Sequence[str], start: int | None = None) -> Recorded | None:
        await asyncio.sleep(0)
        return self._records.first(prefixes, start)

    async def close(self) -> None:
        await asyncio.sleep(0)


class MemoryLog:
    """The port `EventLog`."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._subscriptions: list[MemorySubscription] = []

    def subscribe(
        self, *, prefixes: Sequence[str], after: int | None, without: Collection[str] = ()
    ) -> "MemorySubscription":
        return self._subscription(prefixes, after, live=True, without=without)

    def read(self, *, prefixes: Sequence[str], after: int | None) -> "MemorySubscription":
        return self._subscription(prefixes, after, live=False)

    def _subscription(
        self, prefixes: Sequence[str], after: int | None, *, live: bool, without: Collection[str] = ()
    ) -> "MemorySubscription":
        subscription = MemorySubscription(self._records, tuple(prefixes), after, live=live, without=without)
        self._subscriptions.append(subscription)
        return subscription

    def head(self, *, prefixes: Sequence[str]) -> int:
        return self._records.head(prefixes)

    def end(self) -> int:
        return self._records.end()

    def at(self, position: int) -> str | None:
        return self._records.at(position)

    def close(self) -> None:
        for subscription in self._subscriptions:
            subscription.stop()


class MemorySubscription:
    """The port `Subscription`."""

    def __init__(
        self,
        records: Records,
        prefixes: tuple[str, ...],
        after: int | None,
        *,
        live: bool,
        without: Collection[str] = (),
    ) -> None:
        self._records = records
        self._prefixes = prefixes
        self._without = frozenset(without)
        self._after = after or 0
        self._live = live
        self._stopped = False

    def __iter__(self) -> Iterator[Message]:
        if not self._live:
            yield from self._matching(self._records.after(self._after))
            return
        while not self._stopped:
            yield from self._pending()
            yield CaughtUp()
            self._wait()

    def _pending(self) -> Iterator[Message]:
        while not self._stopped and (pending := self._records.after(self._after)):
            yield from self._matching(pending)
            self._after = pending[-1].position
            if not self._is_chosen(pending[-1]):
                yield Checkpoint(self._after)

    def _matching(self, records: Sequence[Recorded]) -> Iterator[Recorded]:
        for record in records:
            if self._stopped:
                return
            if self._is_chosen(record):
                yield record

    def _is_chosen(self, record: Recorded) -> bool:
        name, without = record.type, self._without
        is_left_out = name in without or (without and name.startswith("$") and name not in LIMITING)
        return record.stream.startswith(self._prefixes) and not is_left_out

    def _wait(self) -> None:
        with self._records.changed:
            self._records.changed.wait_for(lambda: self._stopped or self._records.end() > self._after)

    def stop(self) -> None:
        with self._records.changed:
            self._stopped = True
            self._records.changed.notify_all()


def _matches(stream: str, prefixes: Sequence[str]) -> bool:
    return stream.startswith(tuple(prefixes)) if prefixes else not stream.startswith("$")


def _position(record: Recorded) -> int:
    return record.position
