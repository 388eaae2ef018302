"""The projector's heartbeat in Redis, and what it learns in the same round trip.

Redis may come back older than it was, from a backup or a replica. So each heartbeat compares what this process knows of
its generations with what Redis holds, also if nothing is booked.
"""

import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

import redis

from eventstore.store import StoreRefused
from projections import messages
from projections.engine import keys
from projections.engine.advance import Fenced, NotCommitted, Target
from projections.engine.generations import Damage
from projections.engine.keys import Pointer, pointer

LIFETIME: Final = 5_000
"""Milliseconds after its last heartbeat at which a projector counts as stopped."""


def take_token(client: redis.Redis, held: int) -> int:
    """The fencing token to write with: a new one, or `held` if this Redis issued it."""
    with Damage():
        if held and int(client.incrby(keys.TOKEN, 0)) >= held:
            return held
        return int(client.incr(keys.TOKEN))
    client.delete(keys.TOKEN)
    return take_token(client, held)


def other_log(client: redis.Redis, token: int, origin: str) -> str | None:
    """The log that another running projector follows, if it is another log: its address and first event."""
    with Damage():
        found: list[Any] = client.hmget(keys.HEARTBEAT, ["token", "log", "address"])
        holder, log, address = (each and each.decode() for each in found)
        is_other = log and log != origin and holder != str(token)
        return messages.log_named(address, log) if is_other else None
    client.delete(keys.HEARTBEAT)
    return None


def check(
    client: redis.Redis, expected: Mapping[str, Pointer | None], targets: Sequence[Target], token: int
) -> None:
    """Check that this projector still writes to the live generations, and that Redis holds what was committed.

    `expected` holds the pointers that it knows. Raises Fenced, or NotCommitted if another generation is live, or none,
    or if one of `targets` is at another checkpoint.
    """
    with client.pipeline(transaction=False) as pipeline:
        pipeline.get(keys.TOKEN)
        for name in expected:
            pipeline.get(keys.live(name))
        for target in targets:
            pipeline.hget(f"{target.generation.prefix}{keys.META}", "checkpoint")
        latest, *values = pipeline.execute()
    if latest is None:
        raise NotCommitted(messages.REDIS_WIPED)
    if not latest.isdigit():
        raise NotCommitted(messages.FENCING_DAMAGED)
    if int(latest) > token:
        raise Fenced(messages.taken_over(int(latest)))
    for (name, known), value in zip(expected.items(), values, strict=False):
        found = pointer(value)
        if found != known:
            raise NotCommitted(messages.other_generation_live(name, str(found), str(known)))
    for target, value in zip(targets, values[len(expected) :], strict=True):
        if value != str(target.checkpoint).encode():
            found_at = value.decode(errors="replace") if value else "no position"
            raise NotCommitted(messages.moved(target.name, found_at, target.checkpoint))


def beat(
    client: redis.Redis, targets: Sequence[Target], token: int, head: int, log: str, address: str
) -> None:
    """Write a heartbeat.

    `head` is the position of the last event in the log that the projector has to process, `log` the id of its first
    one: the log's identity.
    """
    position = min((target.checkpoint for target in targets), default=0)
    alive: dict[Any, Any] = {
        "token": str(token),
        "pid": str(os.getpid()),
        "position": str(position),
        "head": str(max(head, position)),
        "time": f"{time.time():.3f}",
        "log": log,
        "address": address,
    }
    # Together, because a full Redis refuses HSET and would still prolong the last heartbeat.
    with client.pipeline(transaction=True) as pipeline:
        pipeline.hset(keys.HEARTBEAT, mapping=alive)
        pipeline.pexpire(keys.HEARTBEAT, LIFETIME)
        pipeline.execute()


def farewell(client: redis.Redis, token: int) -> None:
    """Remove this projector's heartbeat, so that another one need not wait until it has lapsed."""
    with suppress(redis.RedisError):
        if client.hget(keys.HEARTBEAT, "token") == str(token).encode():
            client.delete(keys.HEARTBEAT)


def tell_trouble(client: redis.Redis, error: Exception) -> None:
    """If the log refuses this projector, readers learn why, until the next try."""
    if isinstance(error, StoreRefused):
        with suppress(redis.RedisError):
            client.set(keys.TROUBLE, str(error), px=2 * LIFETIME)
