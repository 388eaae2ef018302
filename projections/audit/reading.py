"""Parts of a read model, each read in one step with its checkpoint, so that the projector need not stop."""

import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import redis

from projections import messages
from projections.audit.books import Books
from projections.engine.generations import Generation, Gone, live
from projections.engine.keys import STOPPING, STREAMS
from projections.engine.readmodel import ReadModel
from projections.engine.stopped import Stopped, stops_of

_PATIENCE: Final = 10.0
"""Seconds that a read model may take to reach the position of another one."""

Ask = Callable[["redis.client.Pipeline"], object]


class StandsStill(Exception):
    """A read model does not reach the position of another one: no projector runs."""


def current(client: redis.Redis, models: Sequence[ReadModel[Any]]) -> dict[str, Generation]:
    """The live generations of `models` by name, without those that are of another version."""
    found = [(model, live(client, model.name)) for model in models]
    return {
        model.name: generation
        for model, generation in found
        if generation is not None and generation.version == model.version
    }


def at_one_position(client: redis.Redis, generation: Generation, books: Books, ask: Ask) -> list[Any]:
    """The answer to `ask`, read in one step with the checkpoint, to which the books are then brought.

    Raises StandsStill, Gone.
    """
    deadline = time.monotonic() + _PATIENCE
    while True:
        with client.pipeline(transaction=True) as pipeline:
            pipeline.hget(f"{generation.prefix}meta", "checkpoint")
            ask(pipeline)
            checkpoint, *replies = pipeline.execute()
        if checkpoint is None:
            raise Gone(messages.generation_gone(generation.prefix))
        if int(checkpoint) >= books.position:
            books.advance(int(checkpoint))
            return replies
        if time.monotonic() > deadline:
            raise StandsStill(messages.not_advancing(generation.name, int(checkpoint), books.position))
        time.sleep(0.05)


def stopped(client: redis.Redis, generation: Generation) -> list[Stopped]:
    """Every stream that is stopped."""
    parked, limited = (_by_stream(client.hgetall(f"{generation.prefix}{key}")) for key in STOPPING)
    names = list(limited)
    places: list[Any] = client.hmget(f"{generation.prefix}{STREAMS}", names) if names else []
    known = {name: blob for name, blob in zip(names, places, strict=True) if blob is not None}
    return list(stops_of(parked, limited, known).values())


def _by_stream(fields: dict[Any, Any]) -> dict[str, bytes]:
    return {stream.decode(): blob for stream, blob in fields.items()}
