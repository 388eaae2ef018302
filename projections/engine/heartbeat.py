"""The projector's heartbeat in Redis, and its check that it still writes to what is live."""

import os
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

import redis

from projections.engine import keys
from projections.engine.advance import Fenced, NotCommitted, Target
from projections.engine.keys import Pointer, pointer

LIFETIME: Final = 5_000
"""Milliseconds: a projector that was silent for so long is gone."""


def take_token(client: redis.Redis, held: int) -> int:
    """The fencing token to write with: a new one, or the one `held` if this Redis gave it."""
    given = int(client.get(keys.TOKEN) or 0)
    if held and given >= held:
        return held
    return int(client.incr(keys.TOKEN))


def check(client: redis.Redis, expected: Mapping[str, Pointer | None], token: int) -> None:
    """That this projector still writes to what is live: `expected` holds each read model's pointer as it knows it.

    Raises Fenced, or NotCommitted if another generation became live, or none is any more.
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
    """Say that the projector lives. `head` is the position of the log's last event that it has to take."""
    position = min((target.checkpoint for target in targets), default=0)
    alive: dict[Any, Any] = {
        "token": str(token),
        "pid": str(os.getpid()),
        "position": str(position),
        "head": str(max(head, position)),
        "time": f"{time.time():.3f}",
    }
    with client.pipeline(transaction=False) as pipeline:
        pipeline.hset(keys.HEARTBEAT, mapping=alive)
        pipeline.pexpire(keys.HEARTBEAT, LIFETIME)
        pipeline.execute()
