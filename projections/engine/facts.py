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
    recorded: Recorded
    reason: str


class Limits(msgspec.Struct, frozen=True):
    """`reason` says how `stream` was cut off; None: it is whole again. `revision` is the one of its next event."""

    recorded: Recorded
    stream: str
    revision: int
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
"""The places of streams, as a generation holds them that has read everything up to where the reading begins."""

_NOWHERE: Final = Place()
_stored_place: Final = msgspec.msgpack.Decoder(Place).decode


class Streams:
    """The places of all streams, as far as the log was read. `stored` is asked for those that are not in memory."""

    def __init__(self, stored: Stored, *, after: int) -> None:
        self._stored = stored
        self._reached = after
        self._places: dict[str, Place] = {}

    def read(self, records: Sequence[Recorded]) -> Batch:
        """`records` follow the ones read before; what comes a second time is left out."""
        news = [each for each in records if each.position > self._reached]
        self._load(news)
        facts: list[Read] = []
        touched: dict[str, Place] = {}
        for recorded in news:
            if is_metadata(recorded):
                facts.append(self._limits(recorded))
                continue
            fact, place = self._next(recorded)
            facts.append(fact)
            if place is not None:
                self._places[recorded.stream] = touched[recorded.stream] = place
        if news:
            self._reached = news[-1].position
        return Batch(facts, touched)

    def _next(self, recorded: Recorded) -> tuple[Read, Place | None]:
        """The place is None if the event does not count."""
        place = self._places.get(recorded.stream, _NOWHERE)
        follow = AGGREGATES[_category(recorded.stream)].follow
        try:
            fact, standing = next_state(recorded, place.revision, place.standing, follow)
        except StreamStopped as stopped:
            return Broken(recorded, stopped.reason), None
        return fact, Place(recorded.revision, standing)

    def _limits(self, recorded: Recorded) -> Limits:
        stream = stream_of(recorded)
        place = self._places.get(stream, _NOWHERE)
        return Limits(recorded, stream, place.revision + 1, cut_off(recorded))

    def _load(self, records: Iterable[Recorded]) -> None:
        """The places of streams that do not begin within `records`."""
        if len(self._places) > MOST_PLACES:
            self._places.clear()
        first: dict[str, int] = {}
        for recorded in records:
            stream = stream_of(recorded)
            if stream not in self._places:
                first.setdefault(stream, 1 if is_metadata(recorded) else recorded.revision)
        wanted = [stream for stream, revision in first.items() if revision > 0]
        for stream, blob in zip(wanted, self._stored(wanted) if wanted else (), strict=True):
            if blob is not None:
                self._places[stream] = _place(_category(stream), blob)


def _place(category: str, blob: bytes) -> Place:
    stored = _stored_place(blob)
    return Place(stored.revision, msgspec.convert(stored.standing, AGGREGATES[category].standing))


def nothing_stored(streams: Sequence[str]) -> Iterable[None]:
    """For a reading that begins with the log."""
    return [None] * len(streams)


def _category(stream: str) -> str:
    return stream.partition("-")[0]
