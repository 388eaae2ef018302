"""Which process has the lease of the reactors: the last event of the stream `reactor-lease` says it."""

from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from eventstore.codec import UNDECODABLE, check_depth
from eventstore.store import NO_STREAM, EventStore, Recorded, time_of
from reactors.checkpoint import stream_of

STREAM: Final = stream_of("lease")
TAKEN: Final = "LeaseTaken"
RENEWED: Final = "LeaseRenewed"
RELEASED: Final = "LeaseReleased"


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """A process, by an id of its own, and since when it has the lease: the data of every event of the lease."""

    holder: UUID
    host: str
    pid: int
    since: datetime


class Newest(NamedTuple):
    """The last event of the lease. `holder` is None if there is none, or one that cannot be read."""

    revision: int
    event_id: str
    type: str
    written: datetime | None
    holder: Holder | None

    @property
    def is_vacant(self) -> bool:
        return self.revision == NO_STREAM or self.type == RELEASED


NOTHING: Final = Newest(NO_STREAM, "", "", None, None)

_holder: Final = msgspec.json.Decoder(Holder).decode


async def newest(store: EventStore) -> Newest:
    """Raises StoreError."""
    found = await store.read_stream(STREAM, limit=1, backwards=True)
    return _newest(found[0]) if found else NOTHING


def _newest(recorded: Recorded) -> Newest:
    """What another program wrote is an event of a holder whom nobody knows."""
    try:
        check_depth(recorded.data)
        holder = _holder(recorded.data)
    except UNDECODABLE:
        holder = None
    return Newest(recorded.revision, recorded.event_id, recorded.type, time_of(recorded), holder)
