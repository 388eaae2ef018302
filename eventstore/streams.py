"""When an event counts: the one rule that the write side, the read models, rebuilds and the audit share.

A stream is whole or it is stopped. It starts with revision 0, nothing is missing from it or was cut off, each event can
be read, and each can follow the one before. From the first event on that breaks this, nothing of the stream counts; all
other streams go on. Metadata of an event is not part of the truth: without it the event counts.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

import msgspec

from domain.errors import ImpossibleHistory
from eventstore import messages
from eventstore.codec import UNDECODABLE, Fact, UnreadableEvent, check_depth, decode, name_of
from eventstore.store import METASTREAM, Recorded, StreamStopped, tombstoned

DELETED: Final = 2**63 - 1
"""`$tb` of a stream that was deleted and not tombstoned. A tombstone has this revision."""

LONGEST_REASON: Final = 500

_TOMBSTONE: Final = "$streamDeleted"

S = TypeVar("S")


class _Metadata(msgspec.Struct):
    """What the metadata of a stream says about how much of it the log keeps. None: no limit."""

    max_count: Any = msgspec.field(name="$maxCount", default=None)
    max_age: Any = msgspec.field(name="$maxAge", default=None)
    truncate_before: Any = msgspec.field(name="$tb", default=None)


_limits: Final = msgspec.json.Decoder(_Metadata).decode


def next_state(recorded: Recorded, before: int, state: S, step: Callable[[S, Any], S]) -> tuple[Fact[Any], S]:
    """`recorded` as a fact, and the state after it, if it is the event after revision `before`.

    `step` raises ImpossibleHistory for an event that cannot follow. Raises StreamStopped, with the revision from which
    nothing counts: the one after `before`.
    """
    try:
        if recorded.type == _TOMBSTONE:
            raise tombstoned(recorded.stream, before + 1)
        if recorded.revision != before + 1:
            raise UnreadableEvent(_gap(recorded, before))
        fact = decode(recorded)
        return fact, step(state, fact.event)
    except UnreadableEvent as error:
        raise StreamStopped(recorded.stream, before + 1, _shown(str(error))) from error
    except ImpossibleHistory as error:
        reason = messages.cannot_follow(name_of(recorded), str(error))
        raise StreamStopped(recorded.stream, before + 1, _shown(reason)) from error


def readable(recorded: Recorded) -> Fact[Any]:
    """Raises StreamStopped."""
    try:
        return decode(recorded)
    except UnreadableEvent as error:
        raise StreamStopped(recorded.stream, recorded.revision, _shown(str(error))) from error


def _shown(reason: str) -> str:
    """It quotes what another program wrote: on one line, and no longer than people read."""
    short = reason if len(reason) <= LONGEST_REASON else f"{reason[:LONGEST_REASON]}..."
    return "".join(each if each.isprintable() else "?" for each in short)


def check_whole(stream: str, records: Sequence[Recorded], metadata: Sequence[Recorded]) -> None:
    """Raises StreamStopped if the newest event of the stream's metadata says that it was deleted or limited."""
    reason = cut_off(metadata[0]) if metadata else None
    if reason is not None:
        raise StreamStopped(stream, records[-1].revision + 1 if records else 0, reason)


def _gap(recorded: Recorded, before: int) -> str:
    event = name_of(recorded)
    return messages.beginning_missing(event) if before < 0 else messages.events_missing(event, before)


def stream_of(recorded: Recorded) -> str:
    """The stream that an event is about: that of its metadata is the stream itself."""
    return recorded.stream.removeprefix(METASTREAM)


def is_metadata(recorded: Recorded) -> bool:
    return recorded.stream.startswith(METASTREAM)


def cut_off(recorded: Recorded) -> str | None:
    """How the metadata event `recorded` takes events from its stream, and how to undo that; None: it takes none.

    As the log does, metadata that is not a JSON object and fields of a wrong type are ignored.
    """
    try:
        check_depth(recorded.data)
        limits = _limits(recorded.data)
    except UNDECODABLE:
        return None
    stream = stream_of(recorded)
    if _positive(limits.truncate_before) == DELETED:
        return messages.deleted(stream)
    found = [
        f"{name} {value}"
        for name, value in (
            ("$tb", limits.truncate_before),
            ("$maxCount", limits.max_count),
            ("$maxAge", limits.max_age),
        )
        if _positive(value)
    ]
    if not found:
        return None
    return messages.limited(stream, found)


def _positive(value: Any) -> int:
    return value if type(value) is int and value > 0 else 0
