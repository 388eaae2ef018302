"""A read model against its own expectation: see `ReadModel.expected`."""

from collections.abc import Generator, Iterator
from contextlib import closing
from typing import Any, Final

import redis

from eventstore.codec import Fact
from eventstore.store import EventLog, Recorded
from projections import messages
from projections.engine.compare import kinds
from projections.engine.facts import Streams
from projections.engine.folding import parked
from projections.engine.generations import Generation
from projections.engine.inbox import filling
from projections.engine.keys import PARKED, PARKED_EVENTS, STOPPING, STREAMS
from projections.engine.readmodel import Cell, ReadModel

_PENDING: Final = 10_000
_SILENCE: Final = 30.0
_ATTEMPTS: Final = 3
_ENGINES: Final = {STREAMS, PARKED_EVENTS, *STOPPING}
"""Keys that the engine writes."""


def differences(
    event_log: EventLog, client: redis.Redis, model: ReadModel[Any], generation: Generation
) -> Iterator[str]:
    """Where `generation` differs from what `model` expects at its checkpoint.

    Raises StoreUnavailable, redis.RedisError.
    """
    assert model.expected is not None
    held, expected = dict[Cell, Any](), dict[Cell, Any]()
    for _ in range(_ATTEMPTS):
        checkpoint, held = _content(client, generation)
        with closing(facts_of(event_log, client, model, generation, checkpoint)) as facts:
            expected = model.expected(facts)
        if {cell.key for cell in expected} <= {cell.key for cell in held}:
            break  # otherwise a key was made after the names of keys were read, or it is really missing
    for cell in sorted(held.keys() | expected.keys()):
        if held.get(cell) != expected.get(cell):
            found, wanted = repr(held.get(cell)), repr(expected.get(cell))
            yield messages.cell_differs(model.name, cell.key, cell.member, found, wanted)


def _content(client: redis.Redis, generation: Generation) -> tuple[int, dict[Cell, Any]]:
    """All cells except the engine's own, read in one step with the checkpoint."""
    names = kinds(client, generation.name, generation.number)
    wanted = [(key, kind) for key, kind in names.items() if key not in _ENGINES]
    with client.pipeline(transaction=True) as pipeline:
        pipeline.hget(f"{generation.prefix}meta", "checkpoint")
        for key, kind in wanted:
            name = f"{generation.prefix}{key}"
            if kind == "hash":
                pipeline.hgetall(name)
            elif kind == "zset":
                pipeline.zrange(name, 0, -1, withscores=True)
            else:
                pipeline.lrange(name, 0, -1)
        checkpoint, *replies = pipeline.execute()
    found: dict[Cell, Any] = {}
    for (key, kind), reply in zip(wanted, replies, strict=True):
        if kind == "list":
            found[Cell(kind, key, "")] = reply
        else:
            pairs = reply.items() if isinstance(reply, dict) else reply
            found |= {Cell(kind, key, member.decode()): value for member, value in pairs}
    return int(checkpoint or 0), found


def facts_of(
    event_log: EventLog, client: redis.Redis, model: ReadModel[Any], generation: Generation, upto: int
) -> Generator[Fact[Any], None, None]:
    """Events up to position `upto`, without those of a parked stream from where it is parked."""
    stopped: dict[Any, Any] = client.hgetall(f"{generation.prefix}{PARKED}")
    since = {stream.decode(): parked(blob).position for stream, blob in stopped.items()}
    streams = Streams()
    with filling(event_log.read(prefixes=model.prefixes, after=None), _PENDING) as inbox:
        for message in inbox.patiently(_SILENCE):
            if type(message) is Recorded:
                if message.position > upto:
                    return
                for fact in streams.read([message]).facts:
                    if isinstance(fact, Fact) and message.position < since.get(message.stream, upto + 1):
                        yield fact
