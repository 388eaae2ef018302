"""Expected revisions and idempotent retries: what an append, a delete or a tombstone may do. Pure.

Source: CheckCommit in EventStoreDB's IndexWriter.cs, as recorded. Its rules, in order:

 1. A tombstoned stream is deleted.
 2. STREAM_EXISTS: a soft-deleted stream is deleted; a stream without events and metadata is a wrong version.
 3. ANY, STREAM_EXISTS: if the first id is unknown in this stream, write; if all are known, it is a retry; if some are,
    a wrong version. Known are the last ids written to the log, each where it was written first: this is best effort.
 4. A stated revision (NO_STREAM is -1) below the current one: if each id is that of the event which the append would
    have written then, it is a retry; else a wrong version (but NO_STREAM on a soft-deleted stream writes).
 5. A stated revision above the current one is a wrong version. If it is equal, write; the ids do not matter.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from esdbnode.streams.metadata import DELETED


class Expect(IntEnum):
    """Expected versions below zero, with their numbers in EventStoreDB's errors; 0 and above is a revision."""

    NO_STREAM = -1
    ANY = -2
    STREAM_EXISTS = -4


@dataclass(frozen=True, slots=True)
class State:
    """Of a stream: `current` is its last revision, -1 if it has no events. `has_metadata` is for ordinary streams."""

    current: int
    soft_deleted: bool = False
    has_metadata: bool = False


@dataclass(frozen=True, slots=True)
class Write:
    """Append after `current`. `recreate`: the stream was soft-deleted and begins again."""

    recreate: bool


@dataclass(frozen=True, slots=True)
class Retry:
    """It was written before, up to the revision `last`: answer as then."""

    last: int


@dataclass(frozen=True, slots=True)
class WrongVersion:
    pass


@dataclass(frozen=True, slots=True)
class Deleted:
    pass


Decision = Write | Retry | WrongVersion | Deleted

Recent = Callable[[bytes], int | None]
"""The revision in this stream of a recently written id; None also if another stream had it first."""

IdAt = Callable[[int], bytes | None]
"""The id at a revision of this stream."""


def decide(
    expected: int,
    state: State,
    ids: Sequence[bytes],
    recent: Recent,
    id_at: IdAt,
) -> Decision:
    if state.current == DELETED:
        return Deleted()
    if expected == Expect.STREAM_EXISTS:
        if state.soft_deleted:
            return Deleted()
        if state.current < 0 and not state.has_metadata:
            return WrongVersion()
    if expected in (Expect.ANY, Expect.STREAM_EXISTS):
        return _by_ids(state, ids, recent)
    if expected < state.current:
        return _by_revisions(expected, state, ids, recent, id_at)
    return Write(state.soft_deleted) if expected == state.current else WrongVersion()


def _by_ids(state: State, ids: Sequence[bytes], recent: Recent) -> Decision:
    last: int | None = None
    for id_ in ids:
        revision = recent(id_)
        if revision is None:
            return Write(state.soft_deleted) if last is None else WrongVersion()
        last = revision
    return Write(state.soft_deleted) if last is None else Retry(last)


def _by_revisions(
    expected: int,
    state: State,
    ids: Sequence[bytes],
    recent: Recent,
    id_at: IdAt,
) -> Decision:
    revision = expected
    for revision, id_ in enumerate(ids, expected + 1):
        if recent(id_) == revision or id_at(revision) == id_:
            continue
        first = revision == expected + 1
        if first and expected == Expect.NO_STREAM and state.soft_deleted:
            return Write(recreate=True)
        return WrongVersion()
    return Retry(revision) if ids else WrongVersion()
