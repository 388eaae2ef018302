"""The index of correlation ids against the log. Each bucket is compared as a whole, in memory of a fixed size."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from typing import Any, Final

import redis

from eventstore.store import EventLog
from projections import messages
from projections.audit.expected import facts_of
from projections.engine.compare import kinds
from projections.engine.generations import Generation
from projections.engine.keys import PARKED, PARKED_EVENTS, STOPPING, STREAMS
from projections.readmodels.trace import MODEL, place_of, position_of

_TOGETHER: Final = 500
_ENGINES: Final = {STREAMS, PARKED, PARKED_EVENTS, *STOPPING}
_WORD: Final = 2**64

_Summed = tuple[Counter[str], Counter[str]]
"""Of each bucket: how many members it has, and the sum of their hashes."""


def differences(event_log: EventLog, client: redis.Redis, generation: Generation) -> Iterator[str]:
    """Where `generation` is not as the log up to its checkpoint says. Members for later events do not count.

    Raises StoreUnavailable, redis.RedisError.
    """
    upto = int(client.hget(f"{generation.prefix}meta", "checkpoint") or 0)
    found, expected = _found(client, generation, upto), _expected(event_log, client, generation, upto)
    for key in sorted(found[0].keys() | expected[0].keys()):
        counted, wanted = ((counts[key], sums[key]) for counts, sums in (found, expected))
        if counted != wanted:
            yield messages.bucket_differs(key, counted[0], wanted[0], upto)


def _found(client: redis.Redis, generation: Generation, upto: int) -> _Summed:
    names = [key for key in kinds(client, generation.name, generation.number) if key not in _ENGINES]
    summed: _Summed = Counter(), Counter()
    for start in range(0, len(names), _TOGETHER):
        for key, members in _members(client, generation, names[start : start + _TOGETHER]):
            for member, score in members:
                _add(summed, key, member, score, upto)
    return summed


def _members(
    client: redis.Redis, generation: Generation, names: Sequence[str]
) -> Iterator[tuple[str, Iterable[tuple[bytes, float]]]]:
    with client.pipeline(transaction=False) as pipeline:
        for key in names:
            pipeline.zrange(f"{generation.prefix}{key}", 0, -1, withscores=True)
        yield from zip(names, pipeline.execute(), strict=True)


def _expected(event_log: EventLog, client: redis.Redis, generation: Generation, upto: int) -> _Summed:
    summed: _Summed = Counter(), Counter()
    with closing(facts_of(event_log, client, MODEL, generation, upto)) as facts:
        for fact in facts:
            if fact.correlation_id:
                key, digest = place_of(fact.correlation_id)
                position: Any = fact.recorded.position.to_bytes(6, "big").hex()
                _add(summed, key, f"{digest}{position}".encode(), 0.0, upto)
    return summed


def _add(summed: _Summed, key: str, member: bytes, score: float, upto: int) -> None:
    if _position(member) <= upto:
        counts, sums = summed
        counts[key] += 1
        sums[key] = (sums[key] + hash((member, score))) % _WORD


def _position(member: bytes) -> int:
    """0 for a member that is not ours: it is a difference."""
    try:
        return position_of(member)
    except ValueError:
        return 0
