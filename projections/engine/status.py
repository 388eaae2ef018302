"""How far the read models are, and whether a projector keeps them current."""

from collections.abc import Sequence
from typing import Any, Final

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
        chosen = [_chosen(*each) for each in zip(models, numbers[::2], numbers[1::2], strict=True)]
        filled = await _filled(redis, [each.prefix for each in chosen if each.prefix])
        found = [_status(each, filled.get(each.prefix, _NOTHING), alive) for each in chosen]
        wrong = await trouble(redis, try_writing=age is None)
        return tuple(msgspec.structs.replace(each, trouble=wrong) for each in found)


class _Alive(msgspec.Struct, frozen=True):
    """What the last heartbeat says."""

    head: int | None
    age: float | None
    log: str | None


class _Chosen(msgspec.Struct, frozen=True):
    """Which generation of a read model is looked at, if any: the live one, or the one that is being filled."""

    name: str
    version: str
    state: str
    number: int | None

    @property
    def prefix(self) -> str:
        return "" if self.number is None else keys.prefix_of(self.name, self.number)


class _Filled(msgspec.Struct, frozen=True):
    """What a generation holds about itself."""

    position: int | None
    held: bytes | None
    parked: int
    stopped: tuple[Stopped, ...]


_NOTHING: Final = _Filled(None, None, 0, ())


def _chosen(model: ReadModel[Any], live: bytes | None, building: bytes | None) -> _Chosen:
    found = pointer(live)
    state = "live" if found and found.version == model.version else "building" if building else "held"
    number = int(building) if building and state == "building" else found.number if found else None
    return _Chosen(model.name, str(model.version), state, number)


async def _filled(redis: Redis, prefixes: Sequence[str]) -> dict[str, _Filled]:
    async with redis.pipeline(transaction=False) as pipeline:
        for prefix in prefixes:
            pipeline.hmget(f"{prefix}meta", ["checkpoint", "held"])
        metas = await pipeline.execute()
    stops = await count_and_list(redis, prefixes)
    return {
        prefix: _Filled(position_of(checkpoint), held, *stopped)
        for prefix, (checkpoint, held), stopped in zip(prefixes, metas, stops, strict=True)
    }


def _status(chosen: _Chosen, filled: _Filled, alive: _Alive) -> Status:
    is_missing = filled.position is None or (
        chosen.state == "held" and filled.held != chosen.version.encode()
    )
    return Status(
        name=chosen.name,
        state="missing" if is_missing else chosen.state,
        generation=chosen.number,
        position=filled.position,
        parked=filled.parked,
        head=None if alive.head is None else max(alive.head, filled.position or 0),
        heartbeat_age=alive.age,
        log=alive.log,
        stopped=filled.stopped,
    )
