"""The projector's sign of life in Redis, and what it learns in the same round trip."""

import os
import time
from collections.abc import Sequence
from typing import Any, Final

import redis

from projections import keys
from projections.advance import Fenced, NotCommitted, Target

LIFETIME: Final = 5_000
"""Milliseconds: a projector that was silent for so long is gone."""


def take_token(client: redis.Redis, held: int) -> int:
    """The fencing token to write with: a new one, or the one `held` where this Redis gave it."""
    given = int(client.get(keys.TOKEN) or 0)
    if held and given >= held:
        return held
    return int(client.incr(keys.TOKEN))


def beat(client: redis.Redis, targets: Sequence[Target], token: int, head: int) -> None:
    """Say that the projector lives. `head` is the position of the log's last event that it has to take.

    Raises Fenced, or NotCommitted where another generation became live.
    """
    with client.pipeline(transaction=False) as pipeline:
        pipeline.get(keys.TOKEN)
        for target in targets:
            pipeline.get(keys.live(target.name))
        latest, *pointers = pipeline.execute()
    if latest is None:
        raise NotCommitted("Redis was wiped.")
    if int(latest) > token:
        raise Fenced(f"Another projector (token {int(latest)}) has taken over.")
    for target, pointer in zip(targets, pointers, strict=True):
        if pointer is None and target.live:
            raise NotCommitted(f"The pointer to {target.name} is gone from Redis.")
        if pointer is not None and int(pointer) != target.number:
            raise NotCommitted(f"Generation {int(pointer)} of {target.name} is live now.")
    _say(client, targets, token, head)


def _say(client: redis.Redis, targets: Sequence[Target], token: int, head: int) -> None:
    position = min(target.checkpoint for target in targets)
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
