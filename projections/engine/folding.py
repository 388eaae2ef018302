"""The writes of a batch of the log to one read model, and what live pages get to know of them."""

from typing import Any, Final

import msgspec

from eventstore.store import Recorded
from projections import messages
from projections.engine.facts import Batch, Broken, Limits
from projections.engine.keys import LIMITED, PARKED, PARKED_EVENTS, STOPPING, STREAMS
from projections.engine.readmodel import ReadModel, channel
from projections.engine.writes import Folded, HashDelete, HashIncrement, HashSet, Value, encode


class Parked(msgspec.Struct, frozen=True):
    """Why nothing of a stream counts from its event `revision` on, and the position at which that was found.

    `fault`: the stream is whole, but this read model cannot project the event.
    """

    revision: int
    position: int
    reason: str
    fault: bool = False


class Limited(msgspec.Struct, frozen=True):
    """How another program deleted or limited a stream, and the position of that."""

    position: int
    reason: str


parked: Final = msgspec.msgpack.Decoder(Parked).decode
limited: Final = msgspec.msgpack.Decoder(Limited).decode


def fold(model: ReadModel[Any], batch: Batch, parked: set[str]) -> Folded:
    """The writes for `batch`. A stream is parked from an event on that does not count or cannot be projected.

    `parked` is added to.
    """
    folded = Folded()
    project = model.project
    for fact in batch.facts:
        stream = fact.recorded.stream
        if isinstance(fact, Limits):
            folded.add((_limited(fact),))
        elif stream in parked:
            folded.add((HashIncrement(PARKED_EVENTS, stream, 1),))
        elif isinstance(fact, Broken):
            _park(folded, parked, fact.recorded, Parked(fact.revision, fact.recorded.position, fact.reason))
        else:
            try:
                writes = project(fact)
            except Exception as error:
                reason = messages.not_projected(model.name, repr(error))
                recorded = fact.recorded
                _park(
                    folded, parked, recorded, Parked(recorded.revision, recorded.position, reason, fault=True)
                )
            else:
                folded.add(writes)
    for stream, place in batch.places.items():
        folded.sets[STREAMS][stream] = place
    return folded


def _limited(fact: Limits) -> HashSet | HashDelete:
    if fact.reason is None:
        return HashDelete(LIMITED, fact.stream)
    return HashSet(LIMITED, fact.stream, Limited(fact.recorded.position, fact.reason))


def _park(folded: Folded, parked: set[str], recorded: Recorded, why: Parked) -> None:
    parked.add(recorded.stream)
    folded.add((HashSet(PARKED, recorded.stream, why), HashIncrement(PARKED_EVENTS, recorded.stream, 1)))


def changes(folded: Folded, model: ReadModel[Any]) -> list[tuple[str, str, msgspec.Raw]]:
    """For each new value: its channel, its member and the value as msgpack, as structs are stored; nil if it is gone.

    The member is a hash field, or for one of several hashes or lists the rest of the key. Every read model publishes
    which aggregates stop and go on, by id.
    """
    values: list[tuple[str, str, msgspec.Raw]] = []
    for key, fields in folded.sets.items():
        kind, _, member = key.partition(":")
        if key in model.channels:
            values += ((channel(model.name, key), field, _raw(value)) for field, value in fields.items())
        elif key in STOPPING:
            ids = ((stream.partition("-")[2], value) for stream, value in fields.items())
            values += ((channel(model.name, key), each, _raw(value)) for each, value in ids)
        elif kind in model.channels:
            values += ((channel(model.name, kind), member, _raw(value)) for value in fields.values())
    for key, appended in folded.appends.items():
        kind, _, member = key.partition(":")
        if kind in model.channels:
            values += ((channel(model.name, kind), member, _raw(value)) for value in appended)
    return values


def _raw(value: Value | None) -> msgspec.Raw:
    return msgspec.Raw(encode(value))
