"""The projector's heartbeat in Redis, and what it learns in the same round trip."""

import os
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

import redis

from projections.engine import keys
from projections.engine.advance import Fenced, NotCommitted, Target
from projections.engine.keys import Pointer, pointer

LIFETIME: Final = 5_000
"""Milliseconds after its last heartbeat at which a projector counts as stopped."""


def take_token(client: redis.Redis, held: int) -> int:
    """The fencing token to write with: a new one, or `held` if this Redis issued it."""
    given = int(client.get(keys.TOKEN) or 0)
    if held and given >= held:
        return held
    return int(client.incr(keys.TOKEN))


def check(client: redis.Redis, expected: Mapping[str, Pointer | None], token: int) -> None:
    """Check that this projector still writes to the live generations: `expected` holds the pointers that it knows.

    Raises Fenced, or NotCommitted if another generation is live, or none.
    """
    with client.pipeline(transaction=False) as pipeline:
        pipeline.get(keys.TOKEN)
        for name in expected:
            pipeline.get(keys.live(name))
        latest, *values = pipeline.execute()
    if latest is None:
        raise NotCommitted("Redis was wiped.")
    if int(latest) > token:
        raise Fenced(f"Another projector (token {int(latest)}) has taken over.")
    for (name, known), value in zip(expected.items(), values, strict=True):
        found = pointer(value)
        if found != known:
            raise NotCommitted(f"{name}: the live generation is {found}, no longer {known}.")


def beat(client: redis.Redis, targets: Sequence[Target], token: int, head: int) -> None:
    """Write a heartbeat. `head` is the position of the last event in the log that the projector has to process."""
    position = min((target.checkpoint for target in targets), default=0)
    alive: dict[Any, Any] = {
        "token": str(token),
        "pid": str(os.getpid()),
        "position": str(position),
        "head": str(max(head, position)),
        "time": f"{time.time():.3f}",
    }
    # Together, because a full Redis refuses HSET and would still prolong the last heartbeat.
    with client.pipeline(transaction=True) as pipeline:
        pipeline.hset(keys.HEARTBEAT, mapping=alive)
        pipeline.pexpire(keys.HEARTBEAT, LIFETIME)
        pipeline.execute()
