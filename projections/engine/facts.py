"""The input of projections: events of the log, decoded and checked once for all of them.

Fact      an event that counts
Broken    an event at which its stream stops, and why
Limits    the metadata of a stream was written: the log may drop the stream's older events, or not any more
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from domain.vocabulary import AGGREGATES
from eventstore.codec import Fact
from eventstore.store import NO_STREAM, Recorded, StreamStopped
from eventstore.streams import cut_off, is_metadata, next_state, stream_of
from projections.engine.readmodel import ReadModel

MOST_PLACES: Final = 100_000
"""How many streams' places are kept in memory, some 300 bytes each; then they are loaded again as needed."""


class Broken(msgspec.Struct, frozen=True):
    """Nothing of the stream counts from event `revision` on."""

    recorded: Recorded
    revision: int
    reason: str


class Limits(msgspec.Struct, frozen=True):
    """`reason` says how `stream` was cut off; None: it is whole again."""

    recorded: Recorded
    stream: str
    reason: str | None


Read = Fact[Any] | Broken | Limits


class Place(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Where a stream is: the revision of its last event that counts, and the aggregate's standing after it."""

    revision: int = NO_STREAM
    standing: Any = None


class Batch(msgspec.Struct, frozen=True):
    """Events in the order of the log, and the places of their streams after them."""

    facts: Sequence[Read] = ()
    places: Mapping[str, Place] = {}

    def concerning(self, model: ReadModel[Any], *, after: int) -> "Batch":
        """What is behind position `after` in streams that `model` is made of."""
        prefixes = model.prefixes
        return Batch(
            [
                fact
                for fact in self.facts
                if fact.recorded.position > after and fact.recorded.stream.startswith(prefixes)
            ],
            {stream: place for stream, place in self.places.items() if stream.startswith(prefixes)},
        )


Stored = Callable[[Sequence[str]], Iterable[bytes | None]]
"""The places of streams, as a generation holds them that has read everything up to where the reading is."""

NOWHERE: Final = Place()
_stored_place: Final = msgspec.msgpack.Decoder(Place).decode


class Streams:
    """The places of all streams, as far as the log was read. `stored` is asked for those that are not in memory.

    `after` has the position, for each category, up to which `stored` had read the log at the beginning. Without
    `stored` the reading begins with the log, and all places stay in memory.
    """

    def __init__(self, stored: Stored | None = None, *, after: Mapping[str, int] | None = None) -> None:
        self._stored = stored
        self._after = after or {}
        self._all_after = max(self._after.values(), default=0)
        self._reached = 0
        self._places: dict[str, Place] = {}

    def read(self, records: Sequence[Recorded]) -> Batch:
        """`records` follow the ones read before; what comes a second time is left out."""
        if not records:
            return Batch()
        begins_late = records[0].position > max(self._reached, self._all_after)
        news = records if begins_late else [each for each in records if self._is_new(each)]
        streams = {each.stream for each in news}
        self._load(news, streams - self._places.keys())
        facts = [self._next(each) for each in news]
        self._reached = max(self._reached, records[-1].position)
        return Batch(facts, {each: self._places[each] for each in streams if each in self._places})

    def _is_new(self, recorded: Recorded) -> bool:
        position = recorded.position
        if position > self._all_after:
            return position > self._reached
        return position > max(self._reached, self._after.get(_category(stream_of(recorded)), 0))

    def _next(self, recorded: Recorded) -> Read:
        stream = recorded.stream
        if is_metadata(recorded):
            return Limits(recorded, stream_of(recorded), cut_off(recorded))
        place = self._places.get(stream, NOWHERE)
        follow = AGGREGATES[_category(stream)].follow
        try:
            fact, standing = next_state(recorded, place.revision, place.standing, follow)
        except StreamStopped as stopped:
            return Broken(recorded, stopped.revision, stopped.reason)
        self._places[stream] = Place(recorded.revision, standing)
        return Fact(recorded, fact.event, fact.actor, fact.correlation_id, standing)

    def _load(self, records: Iterable[Recorded], unknown: set[str]) -> None:
        """The places of `unknown` streams that do not begin within `records`."""
        if self._stored is None or not unknown:
            return
        if len(self._places) > MOST_PLACES:
            self._places.clear()
        first: dict[str, int] = {}
        for recorded in records:
            if recorded.stream not in self._places and not is_metadata(recorded):
                first.setdefault(recorded.stream, recorded.revision)
        wanted = [stream for stream, revision in first.items() if revision > 0]
        for stream, blob in zip(wanted, self._stored(wanted) if wanted else (), strict=True):
            if blob is not None:
                self._places[stream] = place_of(stream, blob)


def place_of(stream: str, blob: bytes) -> Place:
    """As a generation stores it."""
    stored = _stored_place(blob)
    return Place(stored.revision, msgspec.convert(stored.standing, AGGREGATES[_category(stream)].standing))


def _category(stream: str) -> str:
    return stream.partition("-")[0]
