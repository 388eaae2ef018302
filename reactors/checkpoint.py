"""A reactor's checkpoint: the last event of the stream `reactor-{name}` of the log itself.

Several processes of one reactor share it. Each states the revision that it expects, and writes only what is further
than what is there.
"""

import logging
from datetime import datetime
from typing import Final, NamedTuple
from uuid import uuid4

import msgspec

from eventstore.codec import UNDECODABLE, check_depth
from eventstore.store import (
    METASTREAM,
    NO_STREAM,
    EventStore,
    NewEvent,
    Recorded,
    StoreRefused,
    WrongRevision,
    time_of,
)
from reactors import messages
from reactors.agenda import Progress

log: Final = logging.getLogger("daybook.reactor")

EVENT: Final = "ReactorCheckpoint"
KEPT: Final = 5
"""How many events of a stream of the reactors the log keeps."""

_encode: Final = msgspec.json.encode
_progress: Final = msgspec.json.Decoder(Progress).decode


class Stored(NamedTuple):
    """A checkpoint in the log; `revision` is its own in the stream."""

    progress: Progress
    revision: int
    written: datetime | None


NOTHING: Final = Stored(Progress(), NO_STREAM, None)


def stream_of(name: str) -> str:
    return f"reactor-{name}"


async def load(store: EventStore, name: str) -> Stored:
    """NOTHING if there is none. Raises StoreError."""
    newest = await store.read_stream(stream_of(name), limit=1, backwards=True)
    return _stored(newest[0]) if newest else NOTHING


def _stored(recorded: Recorded) -> Stored:
    """What another program wrote counts as a checkpoint at the beginning of the log."""
    try:
        check_depth(recorded.data)
        progress = _progress(recorded.data)
    except UNDECODABLE:
        progress = Progress()
    return Stored(progress, recorded.revision, time_of(recorded))


async def save(store: EventStore, name: str, progress: Progress) -> None:
    """Unless another process has come as far, or writes at the same time. Raises StoreError."""
    there = await load(store, name)
    if there.revision == NO_STREAM:
        await limit(store, stream_of(name))
    if not is_further(progress, there.progress):
        return
    event = NewEvent(id=uuid4(), type=EVENT, data=_encode(progress), metadata=b"{}")
    try:
        await store.append(stream_of(name), [event], expected=there.revision)
    except WrongRevision:
        return


def is_further(progress: Progress, there: Progress) -> bool:
    """Also if a task is stuck that was not, or the other way round."""
    is_behind = progress.reached < there.reached or progress.after < there.after
    return not is_behind and progress != there


async def limit(store: EventStore, stream: str) -> None:
    """Asks the log to keep the last KEPT events of `stream`. If it does not, that does no harm. Raises StoreError."""
    metadata = NewEvent(id=uuid4(), type="$metadata", data=_encode({"$maxCount": KEPT}), metadata=b"{}")
    try:
        await store.append(f"{METASTREAM}{stream}", [metadata], expected=NO_STREAM)
    except WrongRevision:
        return
    except StoreRefused as error:
        log.warning(messages.not_limited(stream, str(error)))
