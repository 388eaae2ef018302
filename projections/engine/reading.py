"""What queries share: the live generations, the deadline, and the two ways in which an answer is not to be had.

ReadModelUnavailable         Redis gave no answer in time
└── ReadModelMissing         Redis answers, but the read model is not there: never built, wiped, being rebuilt
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
from redis.exceptions import NoScriptError, RedisError

from projections import keys
from projections.catalog import NAMES
from projections.clients import QUERY_DEADLINE, Redis
from projections.keys import prefix_of

_NEWEST: Final = (Path(__file__).parent / "newest.lua").read_text(encoding="utf-8")
_NEWEST_SHA: Final = hashlib.sha1(_NEWEST.encode(), usedforsecurity=False).hexdigest()


class ReadModelUnavailable(Exception):
    """`str(error)` says what is wrong, in plain words."""


class ReadModelMissing(ReadModelUnavailable):
    pass


class Source(msgspec.Struct, frozen=True):
    """A live generation. `epoch` differs for each one ever made, also where Redis was wiped in between."""

    name: str
    number: int
    checkpoint: int
    epoch: bytes

    @property
    def prefix(self) -> str:
        return prefix_of(self.name, self.number)


@asynccontextmanager
async def answering(seconds: float = QUERY_DEADLINE) -> AsyncIterator[None]:
    """Whatever keeps Redis from answering within `seconds` is raised as ReadModelUnavailable."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except (RedisError, OSError, TimeoutError) as error:
        raise ReadModelUnavailable(f"Redis gave no answer: {type(error).__name__} {error}.") from error


async def live_prefix(redis: Redis, name: str) -> str:
    """Raises ReadModelMissing."""
    number: Any = await redis.get(keys.live(name))
    if number is None:
        raise _missing(name)
    return prefix_of(name, int(number))


async def sources(redis: Redis) -> tuple[Source, ...]:
    """Every projection's live generation. Raises ReadModelMissing."""
    async with redis.pipeline(transaction=False) as pipeline:
        for name in NAMES:
            pipeline.get(keys.live(name))
        numbers = await pipeline.execute()
    async with redis.pipeline(transaction=False) as pipeline:
        for name, number in zip(NAMES, numbers, strict=True):
            if number is None:
                raise _missing(name)
            pipeline.hmget(f"{prefix_of(name, int(number))}meta", ["checkpoint", "epoch"])
        found = await pipeline.execute()
    live = []
    for name, number, (checkpoint, epoch) in zip(NAMES, numbers, found, strict=True):
        if checkpoint is None:
            raise _missing(name)
        live.append(Source(name, int(number), int(checkpoint), epoch or b""))
    return tuple(live)


async def newest(redis: Redis, key: str, before: int | None, limit: int) -> list[bytes]:
    """The list's newest `limit` values below position `before`, newest first."""
    bound = "" if before is None else str(before)
    found: list[Any]
    try:
        found = await redis.evalsha_ro(_NEWEST_SHA, 1, key, bound, str(limit))
    except NoScriptError:
        await redis.script_load(_NEWEST)
        found = await redis.evalsha_ro(_NEWEST_SHA, 1, key, bound, str(limit))
    return list(reversed(found))


def _missing(name: str) -> ReadModelMissing:
    return ReadModelMissing(f"The read model {name} is being rebuilt from the log; ask again in a moment.")
