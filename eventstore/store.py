"""The port to the log. Two adapters pass one contract suite: `esdb` (EventStoreDB) and `memory` (unit tests).

StoreError
├── WrongRevision        the stream is not at the expected revision: load it and decide again
├── StreamStopped        nothing of the stream counts from some event on, until somebody repairs it
├── StoreRefused         the log refuses, and would refuse again: too large
│   ├── AccessRefused    until somebody gives what is missing: a password, a right, a certificate
│   └── NoSuchPosition   it has no event at the position from which it was to be read
└── StoreUnavailable     no answer in time; as far as is known, the request itself is valid
    └── OutcomeUnknown   an append may or may not have been recorded: repeat it with the same event ids
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final, Protocol
from uuid import UUID

import msgspec

from eventstore import messages

NO_STREAM: Final = -1
"""The revision of a stream that does not exist."""

METASTREAM: Final = "$$"
"""The prefix of the stream that holds the metadata of another stream."""

LIMITING: Final = ("$metadata", "$streamDeleted")
"""The log's own types of events by which a stream is deleted or limited."""

TICKS_PER_SECOND: Final = 10_000_000

NO_POSITION: Final = 2**63
"""A number from here on is not a position. A log in which nothing matches a filter answers 2^64-1 for "none"."""


class NewEvent(msgspec.Struct, frozen=True):
    """An event to append: `data` and `metadata` are JSON."""

    id: UUID
    type: str
    data: bytes
    metadata: bytes


class Recorded(msgspec.Struct, frozen=True, gc=False):
    """An event as the log holds it.

    `revision` counts from 0 in its stream; `position` is its commit position in the whole log; `created` is in
    100 ns ticks since 1970 (UTC), as EventStoreDB gives it.
    """

    stream: str
    revision: int
    position: int
    event_id: str
    type: str
    data: bytes
    metadata: bytes
    created: int


class Appended(msgspec.Struct, frozen=True):
    """The place of an append's last event in its stream and in the log."""

    revision: int
    position: int


class Checkpoint(msgspec.Struct, frozen=True):
    """The server has considered everything up to `position`: no other event up to there passes the filter.

    Comes once for every few hundred events considered, so it may be that far behind the end of the log.
    """

    position: int


class CaughtUp(msgspec.Struct, frozen=True):
    """The subscription has reached the end of the log and is live. It may come many times."""


Message = Recorded | Checkpoint | CaughtUp


class StoreError(Exception):
    """`inner` is what the server said, for lines of the log."""

    inner = ""


class WrongRevision(StoreError):
    """`current` is the stream's revision, None if the store did not say."""

    def __init__(self, stream: str, expected: int, current: int | None) -> None:
        super().__init__(messages.wrong_revision(stream, str(current), expected))
        self.stream = stream
        self.expected = expected
        self.current = current


class StreamStopped(StoreError):
    """Nothing of `stream` counts from event `revision` on. `reason` says why, and how to undo it if it can be undone.

    The rule is in eventstore.streams.
    """

    def __init__(self, stream: str, revision: int, reason: str) -> None:
        super().__init__(reason)
        self.stream = stream
        self.revision = revision
        self.reason = reason


def tombstoned(stream: str, revision: int = 0) -> StreamStopped:
    """Without `revision`: the log does not say how many events the stream had, and gives none of them.

    The stream of its metadata has a tombstone too.
    """
    stream = stream.removeprefix(METASTREAM)
    return StreamStopped(stream, revision, messages.tombstoned(stream))


class StoreRefused(StoreError):
    pass


class NoSuchPosition(StoreRefused):
    """The position is not that of an event of this log: it was made by another log, or before this one was restored."""


class AccessRefused(StoreRefused):
    """The message says what is missing, and how to give it."""


class StoreUnavailable(StoreError):
    pass


class OutcomeUnknown(StoreUnavailable):
    pass


class EventStore(Protocol):
    """For the write side and for reading parts of the log.

    Every call has a deadline of some seconds; a long read has one for each page. After it, StoreUnavailable is raised.
    """

    async def append(self, stream: str, events: Sequence[NewEvent], *, expected: int) -> Appended:
        """Append all of `events` (at least one) or none, at revision `expected + 1`.

        Repeating an append with the same ids and the same `expected` gives the original answer. Raises
        WrongRevision, StreamStopped (a tombstone), StoreRefused, OutcomeUnknown.
        """

    async def read_stream(
        self, stream: str, *, start: int | None = None, limit: int | None = None, backwards: bool = False
    ) -> list[Recorded]:
        """The stream's events from revision `start`, inclusive. None: from the first one, or backwards from the last.

        Empty if the stream does not exist, or was deleted. Raises StreamStopped if it has a tombstone.
        """

    async def read_all(
        self, *, prefixes: Sequence[str], before: int | None = None, limit: int
    ) -> list[Recorded]:
        """The newest `limit` events below position `before`, newest first, in streams named with `prefixes`."""

    async def head(self) -> int:
        """The commit position of the log's last event, 0 for an empty log; the server's own (`$...`) do not count."""

    async def first(self, *, prefixes: Sequence[str], start: int | None = None) -> Recorded | None:
        """The first event in streams named with `prefixes`, from position `start` on, which is that of an event."""

    async def close(self) -> None: ...


class Subscription(Protocol):
    """A blocking iterator of messages, fed by the log; `stop` ends it from another thread."""

    def __iter__(self) -> Iterator[Message]: ...

    def stop(self) -> None: ...


class EventLog(Protocol):
    """For projections: synchronous, so that one thread reads it at full speed."""

    def subscribe(
        self, *, prefixes: Sequence[str], after: int | None, without: Collection[str] = ()
    ) -> Subscription:
        """Catch up from position `after` (exclusive; None: the beginning), then stay live.

        Filtered by the server to streams whose names start with one of `prefixes`. With types `without`, events of
        these types do not come, nor those of the log's own types, except LIMITING. The iterator raises
        StoreUnavailable if the connection ends: subscribe again from the last position seen.
        """

    def read(self, *, prefixes: Sequence[str], after: int | None) -> Subscription:
        """As `subscribe`, but the iterator ends at the end of the log."""

    def head(self, *, prefixes: Sequence[str]) -> int:
        """The commit position of the last event in streams whose names start with `prefixes`, 0 if there is none."""

    def end(self) -> int:
        """The commit position of the last event of all, including the server's own: no checkpoint is beyond it."""

    def at(self, position: int) -> str | None:
        """The id of the event at exactly `position`; None if this log has no event there."""

    def close(self) -> None: ...


def time_of(recorded: Recorded) -> datetime:
    return datetime.fromtimestamp(recorded.created / TICKS_PER_SECOND, UTC)


def in_full(error: Exception) -> str:
    """For lines of the log: also what the server said."""
    inner = getattr(error, "inner", "")
    return f"{error} ({inner})" if inner else str(error)
