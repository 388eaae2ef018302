"""Rebuild read models next to the live ones, prove them, and flip. Reading and writing continue all the time.

A new generation is filled up to the position of the live one, and compared with it cell by cell at one position. When
all are proven, they are brought to the end of the log and go live, one directly after the other. A rebuild is how a
read model is repaired. So differences are listed, and the new generation goes live in any case, because it is what the
log says. If the live one is of another version of the read model, differences are expected: then the audit is the
proof, and a generation that fails it does not go live. The previous generation is kept for `roll_back`.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from threading import Event
from typing import Any

import msgspec
import redis

from eventstore.store import EventLog
from projections import messages
from projections.engine import generations, keys
from projections.engine.advance import NotCommitted, Target
from projections.engine.generations import Generation
from projections.engine.proof import Audit, Difference, Proof, compared
from projections.engine.readmodel import ReadModel, prefixes_of
from projections.engine.replay import forward


class RebuildFailed(Exception):
    """Nothing was flipped; the live read models are as they were."""


class Progress(msgspec.Struct, frozen=True):
    """How far a rebuild is. `eta` is in seconds, from the share of positions done."""

    projections: tuple[str, ...]
    events: int
    events_per_s: float
    position: int
    head: int
    eta: float


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """`seconds` is the time for reading the log and filling, `proof_seconds` for comparing `keys` keys.

    `differences` counts cells; `listed` are the first of them. `generation` is live if `flipped`.
    """

    projection: str
    events: int
    seconds: float
    events_per_s: float
    keys: int
    differences: int
    flipped: bool
    generation: int
    proof_seconds: float
    listed: tuple[Difference, ...]


class _Filled(msgspec.Struct, frozen=True):
    events: int
    seconds: float


class _Proven(msgspec.Struct, frozen=True):
    """`before` was live when `target` was compared with it."""

    target: Target
    before: Generation | None
    proof: Proof
    seconds: float


def _silent(progress: Progress) -> None:
    pass


def rebuild(
    event_log: EventLog,
    client: redis.Redis,
    models: Sequence[ReadModel[Any]],
    audit: Audit,
    *,
    report: Callable[[Progress], None] = _silent,
    stop: Event | None = None,
) -> list[Report]:
    """Raises RebuildFailed, Refused, Stopped, StoreUnavailable, RedisError; then what was filled is removed.

    Once the first read model has gone live, `stop` is not heeded any more: the others follow within moments.
    """
    targets: list[Target] = []
    try:
        for model in models:
            targets.append(_begin(client, event_log, model))
        filled = _fill(event_log, client, targets, report, stop)
        proven = [_prove(event_log, client, target, audit, stop) for target in targets]
        deque(forward(event_log, client, targets, None, stop), maxlen=0)
        reports = [_finish(client, each, filled) for each in proven]
    except BaseException as error:
        for target in targets:
            if not target.live:
                _discard(client, target)
        if isinstance(error, NotCommitted | generations.Gone):
            raise RebuildFailed(messages.changed_during_rebuild(str(error))) from error
        raise
    for target in targets:
        generations.sweep(client, target.name)
    return reports


def _begin(client: redis.Redis, event_log: EventLog, model: ReadModel[Any]) -> Target:
    live = generations.live(client, model.name)
    if live is not None and live.checkpoint > event_log.end():
        raise RebuildFailed(messages.beyond_the_end(model.name, live.checkpoint))
    if live is None:
        generations.clear(client, model.name)
    made = generations.create(client, model.name, model.version)
    client.set(keys.building(model.name), made.number)
    return Target(model, made)


def _discard(client: redis.Redis, target: Target) -> None:
    """Unless it went live all the same: an answer of Redis may be lost after the flip."""
    try:
        if keys.pointer(client.get(keys.live(target.name))) != target.generation.pointer:
            generations.remove(client, target.name, target.number)
        if client.get(keys.building(target.name)) == str(target.number).encode():
            client.delete(keys.building(target.name))
    except redis.RedisError:
        return


def _fill(
    event_log: EventLog,
    client: redis.Redis,
    targets: Sequence[Target],
    report: Callable[[Progress], None],
    stop: Event | None,
) -> _Filled:
    """The position of the live generations; the end of the log if none is live."""
    started, events = time.monotonic(), 0
    upto = _reached(client, targets)
    head = event_log.head(prefixes=prefixes_of(target.model for target in targets)) if upto is None else upto
    names = tuple(target.name for target in targets)
    for batch in forward(event_log, client, targets, upto, stop):
        events += len(batch.facts)
        position, seconds = batch.facts[-1].recorded.position, time.monotonic() - started
        eta = max(0.0, seconds * (head - position) / position)
        report(Progress(names, events, events / seconds, position, head, eta))
    return _Filled(events, time.monotonic() - started)


def _reached(client: redis.Redis, targets: Sequence[Target]) -> int | None:
    found = (generations.live(client, target.name) for target in targets)
    return min((generation.checkpoint for generation in found if generation is not None), default=None)


def _prove(
    event_log: EventLog, client: redis.Redis, target: Target, audit: Audit, stop: Event | None
) -> _Proven:
    started = time.monotonic()
    before = generations.live(client, target.name)
    proof = compared(event_log, client, target, before, stop) if before else Proof()
    if before and before.version != target.model.version:
        deque(forward(event_log, client, [target], None, stop), maxlen=0)
        _check(event_log, client, target, audit)
    return _Proven(target, before, proof, time.monotonic() - started)


def _finish(client: redis.Redis, proven: _Proven, filled: _Filled) -> Report:
    target, proof = proven.target, proven.proof
    _flip(client, target, proven.before)
    return Report(
        projection=target.name,
        events=filled.events,
        seconds=round(filled.seconds, 3),
        events_per_s=round(filled.events / filled.seconds, 1),
        keys=proof.keys,
        differences=proof.differences,
        flipped=True,
        generation=target.number,
        proof_seconds=round(proven.seconds, 3),
        listed=proof.listed,
    )


def _check(event_log: EventLog, client: redis.Redis, target: Target, audit: Audit) -> None:
    differences = audit(event_log, client, target.model, target.generation)
    if differences:
        raise RebuildFailed(messages.new_version_wrong(target.name, differences[0]))


def _flip(client: redis.Redis, target: Target, before: Generation | None) -> None:
    target.live = generations.publish(client, target.generation, instead_of=before)
    if not target.live:
        raise RebuildFailed(messages.other_went_live_during_rebuild(target.name))


def roll_back(client: redis.Redis, name: str) -> int:
    """Make the previous generation live again; the projector brings it up to date. Returns its number.

    If it is of another version of the read model, projectors of the version that is rolled back from do not update it
    until a rebuild. Raises RebuildFailed if there is no previous generation.
    """
    number = client.get(keys.previous(name))
    live = generations.live(client, name)
    before = None if number is None else generations.read(client, name, int(number), live=False)
    if live is None or before is None:
        raise RebuildFailed(messages.no_earlier_generation(name))
    if not generations.publish(client, before, instead_of=live, held=live.version):
        raise RebuildFailed(messages.other_went_live_during_rollback(name))
    return before.number
