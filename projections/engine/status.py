"""How far the read models are, and whether a projector keeps them current."""

from collections.abc import Sequence
from typing import Any

import msgspec

from projections.engine import keys
from projections.engine.clients import Redis
from projections.engine.heartbeat import LIFETIME
from projections.engine.keys import pointer, position_of
from projections.engine.reading import answering, sources
from projections.engine.readmodel import ReadModel
from projections.engine.server import trouble
from projections.engine.stopped import Stopped, count_and_list


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """`state` is "live"; or none of this version is live, and it is "building" (being filled), "held" (after a rollback
    from this version) or "missing" (a projector will build it).

    `head` is the position of the last event that the log had for it at the last heartbeat, `heartbeat_age` the seconds
    since then, `log` the id of the log's first event, "" if it had none; all are None if the last LIFETIME milliseconds
    had no heartbeat. `parked` counts the streams that are stopped, and `stopped` names the first of them. `trouble`
    says why Redis cannot keep read models, None if it can.
    """

    name: str
    state: str
    generation: int | None
    position: int | None
    parked: int
    head: int | None
    heartbeat_age: float | None
    log: str | None = None
    stopped: tuple[Stopped, ...] = ()
    trouble: str | None = None


def is_followed(found: Sequence[Status]) -> bool:
    """Whether a projector is running: the last LIFETIME milliseconds had a heartbeat."""
    return all(one.heartbeat_age is not None for one in found)


async def position(redis: Redis, models: Sequence[ReadModel[Any]]) -> int | None:
    """The lowest checkpoint of the live ones of `models`. None if none is live."""
    async with answering():
        return min((source.checkpoint for source in await sources(redis, models)), default=None)


async def status(redis: Redis, models: Sequence[ReadModel[Any]]) -> tuple[Status, ...]:
    async with answering():
        async with redis.pipeline(transaction=False) as pipeline:
            pipeline.hmget(keys.HEARTBEAT, ["head", "log"])
            pipeline.pttl(keys.HEARTBEAT)
            for model in models:
                pipeline.get(keys.live(model.name))
                pipeline.get(keys.building(model.name))
            (head, log), left, *numbers = await pipeline.execute()
        age = (LIFETIME - left) / 1000 if left > 0 else None
        alive = _Alive(None if head is None else int(head), age, None if log is None else log.decode())
        live, building = numbers[::2], numbers[1::2]
        found = [await _of(redis, model, live[i], building[i], alive) for i, model in enumerate(models)]
        wrong = await trouble(redis, try_writing=age is None)
        return tuple(msgspec.structs.replace(each, trouble=wrong) for each in found)


class _Alive(msgspec.Struct, frozen=True):
    """What the last heartbeat says."""

    head: int | None
    age: float | None
    log: str | None


async def _of(
    redis: Redis,
    model: ReadModel[Any],
    live: bytes | None,
    building: bytes | None,
    alive: _Alive,
) -> Status:
    found, version = pointer(live), str(model.version).encode()
    state = "live" if found and found.version == model.version else "building" if building else "held"
    number = int(building) if building and state == "building" else found.number if found else None
    checkpoint: Any = None
    held: Any = None
    parked = 0
    stopped: tuple[Stopped, ...] = ()
    if number is not None:
        prefix = keys.prefix_of(model.name, number)
        checkpoint, held = await redis.hmget(f"{prefix}meta", ["checkpoint", "held"])
        parked, stopped = await count_and_list(redis, prefix)
    position = position_of(checkpoint)
    return Status(
        name=model.name,
        state="missing" if position is None or (state == "held" and held != version) else state,
        generation=number,
        position=position,
        parked=parked,
        head=None if alive.head is None else max(alive.head, position or 0),
        heartbeat_age=alive.age,
        log=alive.log,
        stopped=stopped,
    )
