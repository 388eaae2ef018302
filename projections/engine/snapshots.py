"""The write side's cache of snapshots, in the Redis of the read models. No read model depends on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from redis.exceptions import RedisError

from projections.engine import keys
from projections.engine.clients import Redis

LIFETIME: Final = 30 * 24 * 3600
"""Seconds that a snapshot is kept after it was written."""


class RedisSnapshots:
    """The port `Snapshots` of the write side."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def get(self, key: str) -> bytes | None:
        with _as_oserror():
            found: Any = await self._redis.get(keys.snapshot(key))
            return None if found is None else bytes(found)

    async def put(self, key: str, blob: bytes) -> None:
        with _as_oserror():
            await self._redis.set(keys.snapshot(key), blob, ex=LIFETIME)

    async def close(self) -> None:
        await self._redis.aclose()


@contextmanager
def _as_oserror() -> Iterator[None]:
    """The write side knows no error of Redis."""
    try:
        yield
    except RedisError as error:
        raise OSError(f"{type(error).__name__} {error}") from error
