"""What queries share: the live generation, the deadline, and two errors.

ReadModelUnavailable         Redis gave no answer in time
└── ReadModelMissing         Redis answers, but does not have the read model: never built, wiped, being rebuilt
"""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
from redis.exceptions import NoScriptError, RedisError

from projections import messages
from projections.engine import keys
from projections.engine.clients import QUERY_DEADLINE, Redis
from projections.engine.keys import pointer, position_of, prefix_of
from projections.engine.losses import WITHDRAW
from projections.engine.readmodel import ReadModel
from projections.engine.server import refusal

log: Final = logging.getLogger("daybook.readmodels")

LONGEST_PAGE: Final = 500
"""The most rows or entries that one query returns."""

_NEWEST: Final = (Path(__file__).parent / "newest.lua").read_text(encoding="utf-8")
_NEWEST_SHA: Final = hashlib.sha1(_NEWEST.encode(), usedforsecurity=False).hexdigest()


class ReadModelUnavailable(Exception):
    """`str(error)` says what is wrong, in plain words; `inner` is what Redis said, for lines of the log."""

    inner = ""


class ReadModelMissing(ReadModelUnavailable):
    pass


class Source(msgspec.Struct, frozen=True):
    """A live generation. `epoch` is different for every generation, even after Redis was wiped."""

    name: str
    number: int
    checkpoint: int
    epoch: bytes

    @property
    def prefix(self) -> str:
        return prefix_of(self.name, self.number)


@asynccontextmanager
async def answering(seconds: float = QUERY_DEADLINE) -> AsyncIterator[None]:
    """Raises ReadModelUnavailable if Redis does not answer within `seconds`, for any reason."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except (RedisError, OSError, TimeoutError) as error:
        unavailable = ReadModelUnavailable(refusal(error) or messages.REDIS_SILENT)
        unavailable.inner = f"{type(error).__name__} {error}"
        raise unavailable from error


async def live_prefix(redis: Redis, model: ReadModel[Any]) -> str:
    """Raises ReadModelMissing, also if the live generation is of another version of the read model."""
    found = pointer(await redis.get(keys.live(model.name)))
    if found is None or found.version != model.version:
        raise _missing(model)
    return prefix_of(model.name, found.number)


def _missing(model: ReadModel[Any]) -> ReadModelMissing:
    return ReadModelMissing(messages.being_rebuilt(model.name))


async def withdrawn(redis: Redis, model: ReadModel[Any], prefix: str) -> ReadModelMissing:
    """For a query that found a part missing: the error to raise. The projector builds the read model again."""
    key = keys.live(model.name)
    found = pointer(await redis.get(key))
    is_live = found is not None and prefix_of(model.name, found.number) == prefix
    if is_live and await redis.eval(WITHDRAW, 1, key, str(found)):
        log.warning("A part of %s is lost in Redis. It is built again.", model.name)
    return _missing(model)


async def sources(redis: Redis, models: Sequence[ReadModel[Any]]) -> tuple[Source, ...]:
    """The live generations of `models`. Those without one, or with one of another version, are left out."""
    values: Any = await redis.mget([keys.live(model.name) for model in models])
    live = [
        (model.name, found.number)
        for model, found in zip(models, map(pointer, values), strict=True)
        if found is not None and found.version == model.version
    ]
    async with redis.pipeline(transaction=False) as pipeline:
        for name, number in live:
            pipeline.hmget(f"{prefix_of(name, number)}meta", ["checkpoint", "epoch"])
        metas = await pipeline.execute()
    return tuple(
        Source(name, number, position, epoch or b"")
        for (name, number), (checkpoint, epoch) in zip(live, metas, strict=True)
        if (position := position_of(checkpoint)) is not None
    )


async def newest(redis: Redis, key: str, before: int | None, limit: int) -> list[bytes]:
    """The list's newest `limit` values below position `before`, newest first."""
    bound = "" if before is None else str(before)
    most = str(max(1, min(limit, LONGEST_PAGE)))
    found: list[Any]
    try:
        found = await redis.evalsha_ro(_NEWEST_SHA, 1, key, bound, most)
    except NoScriptError:
        await redis.script_load(_NEWEST)
        found = await redis.evalsha_ro(_NEWEST_SHA, 1, key, bound, most)
    return list(reversed(found))
