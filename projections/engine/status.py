"""How far the read models are, and whether a projector keeps them current."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import msgspec

from projections.engine import keys
from projections.engine.clients import Redis
from projections.engine.heartbeat import LIFETIME
from projections.engine.keys import pointer
from projections.engine.reading import answering, sources
from projections.engine.readmodel import ReadModel
from projections.engine.server import trouble


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """`state` is "live"; or none of this version is live, and it is "building" (being filled), "held" (after a rollback
    from this version) or "missing" (a projector will build it).

    `head` is the position of the last event that the log had for it at the last heartbeat, `heartbeat_age` the seconds
    since then; both are None if the last LIFETIME milliseconds had no heartbeat. `parked` counts streams. `trouble`
    says why Redis cannot keep read models, None if it can.
    """

    name: str
    state: str
    generation: int | None
    position: int | None
    parked: int
    head: int | None
    heartbeat_age: float | None
    trouble: str | None = None


def is_followed(found: Sequence[Status]) -> bool:
    """Whether a projector is running: the last LIFETIME milliseconds had a heartbeat."""
    return all(one.heartbeat_age is not None for one in found)


async def position(redis: Redis, models: Sequence[ReadModel[Any]]) -> int | None:
    """The lowest checkpoint of the live ones of `models`. None if none is live."""
    async with answering():
        return min((source.checkpoint for source in await sources(redis, models)), default=None)


async def wait_for(
    redis: Redis,
    models: Sequence[ReadModel[Any]],
    wanted: int,
    timeout: float = 2.0,  # noqa: ASYNC109
) -> bool:
    """Whether the live ones of `models` reached position `wanted` within `timeout` seconds."""
    deadline = time.monotonic() + timeout
    pause = 0.002
    while True:
        reached = await position(redis, models)
        if reached is not None and reached >= wanted:
            return True
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        await asyncio.sleep(min(pause, left))
        pause = min(2 * pause, 0.05)


async def status(redis: Redis, models: Sequence[ReadModel[Any]]) -> tuple[Status, ...]:
    async with answering():
        async with redis.pipeline(transaction=False) as pipeline:
            pipeline.hget(keys.HEARTBEAT, "head")
            pipeline.pttl(keys.HEARTBEAT)
            for model in models:
                pipeline.get(keys.live(model.name))
                pipeline.get(keys.building(model.name))
            head, left, *numbers = await pipeline.execute()
        age = (LIFETIME - left) / 1000 if left > 0 else None
        known = None if head is None else int(head)
        live, building = numbers[::2], numbers[1::2]
        found = [await _of(redis, model, live[i], building[i], known, age) for i, model in enumerate(models)]
        wrong = await trouble(redis, try_writing=age is None)
        return tuple(msgspec.structs.replace(each, trouble=wrong) for each in found)


async def _of(
    redis: Redis,
    model: ReadModel[Any],
    live: bytes | None,
    building: bytes | None,
    head: int | None,
    age: float | None,
) -> Status:
    found, version = pointer(live), str(model.version).encode()
    state = "live" if found and found.version == model.version else "building" if building else "held"
    number = int(building) if building and state == "building" else found.number if found else None
    checkpoint, held, parked = None, None, 0
    if number is not None:
        prefix = keys.prefix_of(model.name, number)
        checkpoint, held = await redis.hmget(f"{prefix}meta", ["checkpoint", "held"])
        parked = await redis.hlen(f"{prefix}parked")
    return Status(
        name=model.name,
        state="missing" if checkpoint is None or (state == "held" and held != version) else state,
        generation=number,
        position=None if checkpoint is None else int(checkpoint),
        parked=parked,
        head=None if head is None else max(head, int(checkpoint or 0)),
        heartbeat_age=age,
    )
