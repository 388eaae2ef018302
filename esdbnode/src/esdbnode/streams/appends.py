"""The effect of an append on the log, for both kinds of call. Runs inside the writer's transaction."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from esdbnode.storage.transaction import EMPTY_APPEND, Transaction
from esdbnode.streams import metadata
from esdbnode.streams.metadata import DELETED
from esdbnode.streams.proposals import Proposal, store
from esdbnode.streams.revisions import (
    Deleted,
    Expect,
    IdAt,
    Recent,
    Retry,
    State,
    Write,
    WrongVersion,
    decide,
)


@dataclass(frozen=True, slots=True)
class Appended:
    """`revision` is None after an append of nothing to a stream without events.

    `position` is None after a retry whose last event can no longer be read.
    """

    revision: int | None
    position: int | None


@dataclass(frozen=True, slots=True)
class Wrong:
    """`current`: the stream's last revision, -1 if it has no events."""

    current: int


Outcome = Appended | Wrong | Deleted


def append(transaction: Transaction, stream: str, expected: int, events: Sequence[Proposal]) -> Outcome:
    sid = transaction.stream_id(stream)
    about = metadata.metadata_of(transaction, stream)
    state = state_of(transaction, stream, sid, expected, about.soft_deleted)
    ids = [event.id for event in events]
    match decide(expected, state, ids, *lookups(transaction, sid)):
        case Write(recreate):
            return _write(transaction, stream, state.current, events, recreate)
        case Retry(last):
            return Appended(last, _readable_position(transaction, sid, last, state.current, about))
        case WrongVersion():
            return Wrong(state.current)
        case Deleted() as deleted:
            return deleted


def state_of(
    transaction: Transaction, stream: str, sid: int | None, expected: int, soft_deleted: bool
) -> State:
    """For writers, a metastream with events outlives the tombstone of its stream; one without events does not."""
    current = transaction.last_revision(sid)
    if current == -1 and metadata.deleted_with_its_stream(transaction, stream):
        current = DELETED
    has_metadata = (
        expected == Expect.STREAM_EXISTS and current == -1 and _has_events(transaction, "$$" + stream)
    )
    return State(current, soft_deleted, has_metadata)


def lookups(transaction: Transaction, sid: int | None) -> tuple[Recent, IdAt]:
    """The facts about this stream that `decide` needs."""
    if sid is None:
        return (lambda _: None), (lambda _: None)

    def id_at(revision: int) -> bytes | None:
        found = transaction.event(sid, revision)
        return found[2] if found else None

    return (lambda id_: transaction.recent(id_, sid)), id_at


def write_metadata(transaction: Transaction, stream: str, data: bytes) -> int:
    """Write the server's own `$metadata` event about `stream`. Returns its position."""
    metastream = "$$" + stream
    sid = transaction.intern_stream(metastream)
    return store(
        transaction,
        metastream,
        sid,
        transaction.last_revision(sid) + 1,
        server_event("$metadata", data, json=True),
    )


def server_event(type_: str, data: bytes, *, json: bool) -> Proposal:
    id_ = uuid4()
    return Proposal(id_.bytes, str(id_), type_, json, b"", data)


def _write(
    transaction: Transaction, stream: str, current: int, events: Sequence[Proposal], recreate: bool
) -> Appended:
    described = stream[2:] if metadata.is_metastream(stream) else None
    revive = described is not None and metadata.metadata_of(transaction, described).soft_deleted
    revision, position = current, transaction.last_position + EMPTY_APPEND
    if events:
        sid = transaction.intern_stream(stream)
        for revision, event in enumerate(events, current + 1):
            position = store(transaction, stream, sid, revision, event)
    if recreate:
        _recreate(transaction, stream, current + 1)
    if revive and described is not None:
        _recreate(transaction, described, transaction.last_revision(transaction.stream_id(described)) + 1)
    return Appended(None if revision < 0 else revision, position)


def _recreate(transaction: Transaction, stream: str, first: int) -> None:
    """A soft-deleted stream begins again: its metadata, with `$tb` at the first new revision."""
    data = metadata.raw_metadata(transaction, stream)
    try:
        fields = json.loads(data or b"")
        fields["$tb"] = first
    except (ValueError, TypeError, RecursionError):
        return
    write_metadata(
        transaction, stream, json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode()
    )


def _readable_position(
    transaction: Transaction, sid: int | None, revision: int, current: int, about: metadata.Metadata
) -> int | None:
    visible = metadata.visible(about, current)
    found = transaction.event(sid, revision) if sid is not None and revision >= visible.first else None
    return found[0] if found and found[1] >= visible.since else None


def _has_events(transaction: Transaction, stream: str) -> bool:
    return transaction.last_revision(transaction.stream_id(stream)) >= 0
