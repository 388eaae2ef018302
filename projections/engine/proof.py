"""Prove a shadow generation: compare it with the live one, cell by cell, while both continue."""

from collections import deque
from collections.abc import Callable, Sequence
from threading import Event
from typing import Any, Final

import msgspec
import redis

from eventstore.store import EventLog
from projections.engine.advance import Target
from projections.engine.compare import suspects, touched, values
from projections.engine.folding import fold
from projections.engine.generations import Generation, live
from projections.engine.readmodel import ReadModel
from projections.engine.replay import forward

Audit = Callable[[EventLog, redis.Redis, ReadModel[Any], Generation], Sequence[str]]
"""Compares a generation with the log. Returns a sentence for each difference."""

LISTED: Final = 100


class Difference(msgspec.Struct, frozen=True):
    key: str
    member: str
    live: str
    rebuilt: str


class Proof(msgspec.Struct, frozen=True):
    """How many keys were compared, how many cells differ, and the first LISTED of them."""

    keys: int = 0
    differences: int = 0
    listed: tuple[Difference, ...] = ()


def compared(
    event_log: EventLog, client: redis.Redis, target: Target, before: Generation, stop: Event | None = None
) -> Proof:
    """Where `target` and the live generation `before` differ at one position.

    Each cell is found equal at some position that both have reached, or listed. `doubtful` are the cells that differ,
    or were written to, during the first comparison. They are read from the live generation in one step with its
    checkpoint, and compared when the new generation has reached exactly that position.

    Raises Stopped, and as `forward`.
    """
    _bring(event_log, client, target, _reached(client, target), stop)
    doubtful, keys = suspects(client, target.name, before.number, target.number, stop)
    for batch in forward(event_log, client, [target], _reached(client, target), stop):
        news = batch.concerning(target.model, after=target.checkpoint)
        doubtful |= set(touched(fold(target.model, news, set(target.parked))))
    checkpoint, lived = values(client, target.name, before.number, doubtful)
    _bring(event_log, client, target, checkpoint, stop)
    _, rebuilt = values(client, target.name, target.number, doubtful)
    differing = [
        Difference(cell.key, cell.member, repr(lived[cell]), repr(rebuilt[cell]))
        for cell in sorted(doubtful)
        if lived[cell] != rebuilt[cell]
    ]
    return Proof(keys, len(differing), tuple(differing[:LISTED]))


def _bring(
    event_log: EventLog, client: redis.Redis, target: Target, upto: int | None, stop: Event | None
) -> None:
    deque(forward(event_log, client, [target], upto, stop), maxlen=0)


def _reached(client: redis.Redis, target: Target) -> int | None:
    generation = live(client, target.name)
    return generation.checkpoint if generation else None
