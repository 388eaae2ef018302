"""What a projector finds when it starts: the generations to continue, and the read models to build."""

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final

import msgspec
import redis

from eventstore.store import EventLog, Recorded
from projections import messages
from projections.engine import generations, keys
from projections.engine.advance import Fenced, Target, opened
from projections.engine.generations import Generation
from projections.engine.inbox import filling
from projections.engine.keys import Pointer
from projections.engine.readmodel import ReadModel

log: Final = logging.getLogger("daybook.projector")

FOLLOWERS_LAG: Final = 1.0
"""Seconds between the three checks of a log that seems to end before a checkpoint."""
SILENCE: Final = 10.0
"""Seconds that the first event of the log may take to arrive."""

_HASHES: Final = (keys.META, keys.STREAMS, keys.PARKED, keys.PARKED_EVENTS, keys.LIMITED)


class Survey(msgspec.Struct, frozen=True, kw_only=True):
    """`pointers` holds each read model's live generation, None if none is live."""

    targets: Sequence[Target] = ()
    missing: Sequence[ReadModel[Any]] = ()
    pointers: Mapping[str, Pointer | None] = {}


def survey(
    client: redis.Redis,
    event_log: EventLog,
    models: Sequence[ReadModel[Any]],
    token: int,
    refused: Mapping[str, int] = {},
) -> Survey:
    """`refused` holds the generations, by read model, that cannot be written to any more.

    Raises Fenced, StoreUnavailable, redis.RedisError. A generation that was made from another log is withdrawn.
    """
    targets, missing = [], []
    pointers: dict[str, Pointer | None] = {}
    for model, generation in _usable(client, event_log, models):
        pointers[model.name] = generation.pointer if generation else None
        if generation is None or model.version not in (generation.version, generation.held):
            log.info("%s version %d is being built from the beginning of the log.", model.name, model.version)
            missing.append(model)
        elif generation.version != model.version:
            log.warning(messages.rolled_back(model.name, generation.number, generation.version))
        elif refused.get(model.name) == generation.number or not _is_sound(client, generation):
            log.warning(messages.damaged(model.name))
            missing.append(model)
        elif generation.token > token:
            raise Fenced(messages.generation_taken_over(generation.token, generation.prefix))
        else:
            targets.append(opened(client, model, generation))
    return Survey(targets=targets, missing=missing, pointers=pointers)


def _is_sound(client: redis.Redis, generation: Generation) -> bool:
    """Whether the keys that every generation has are of the right types."""
    with client.pipeline(transaction=False) as pipeline:
        for name in (*_HASHES, keys.CHANGES):
            pipeline.type(f"{generation.prefix}{name}")
        *hashes, changes = pipeline.execute()
    return {*hashes} <= {b"hash", b"none"} and changes in (b"stream", b"none")


def _usable(
    client: redis.Redis, event_log: EventLog, models: Sequence[ReadModel[Any]]
) -> Iterator[tuple[ReadModel[Any], Generation | None]]:
    """Each model's live generation. None: there is none, or it was made from another log and is withdrawn."""
    found = [(model, generations.live(client, model.name)) for model in models]
    first = cache(lambda prefixes: first_event(event_log, prefixes))
    foreign = {
        model.name
        for model, generation in found
        if generation is not None and _is_of_another_log(generation, event_log, first(model.prefixes))
    }
    for model, generation in found:
        # A generation without any event has no origin: it is from the same log as the others.
        if generation is not None and (model.name in foreign or (foreign and not generation.origin)):
            log.warning(messages.made_from_another_log(model.name))
            generation = None
        if generation is None:
            generations.withdraw(client, model.name)
        yield model, generation


def _is_of_another_log(generation: Generation, event_log: EventLog, first: str) -> bool:
    """Whether the log begins with another event (`first`), does not have the last one, or ends before the checkpoint.

    A follower of a cluster may be behind for a moment.
    """
    if generation.origin and generation.origin != first:
        return True
    return not any(_reaches(event_log, generation, attempt) for attempt in range(3))


def _reaches(event_log: EventLog, generation: Generation, attempt: int) -> bool:
    if attempt:
        time.sleep(FOLLOWERS_LAG)
    if event_log.end() < generation.checkpoint:
        return False
    last = generation.last
    return last is None or event_log.at(last.position) == last.event_id


def first_event(event_log: EventLog, prefixes: Sequence[str]) -> str:
    """The id of the log's first event in such streams, "" if there is none: it identifies the log."""
    with filling(event_log.read(prefixes=prefixes, after=None), 1) as inbox:
        return next((each.event_id for each in inbox.patiently(SILENCE) if type(each) is Recorded), "")
