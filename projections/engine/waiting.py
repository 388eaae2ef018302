"""Waiting until read models have reached a position: one question to Redis for all who wait in this process."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

import msgspec

from projections.engine.clients import Redis
from projections.engine.reading import ReadModelUnavailable, answering, sources
from projections.engine.readmodel import ReadModel

MOST: Final = 2_000
"""How many may wait at once. Whoever comes then is told at once that the position is not reached."""

_SHORTEST: Final = 0.002
_LONGEST: Final = 0.05
"""Seconds between two questions. They become rarer while nothing happens."""


class _Waiter(msgspec.Struct, eq=False):
    names: frozenset[str]
    wanted: int
    answer: asyncio.Future[bool]


class Waiting:
    """Nothing is asked while nobody waits."""

    def __init__(self, redis: Redis, models: Sequence[ReadModel[Any]]) -> None:
        self._redis, self._models = redis, models
        self._waiters: set[_Waiter] = set()
        self._joined = asyncio.Event()
        self._asking: asyncio.Task[None] | None = None

    async def reached(self, models: Iterable[ReadModel[Any]], wanted: int, seconds: float) -> bool:
        """Whether the live ones of `models` reached position `wanted` within `seconds`. At least one has to be live.

        Raises ReadModelUnavailable.
        """
        if len(self._waiters) >= MOST:
            return False
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        waiter = _Waiter(frozenset(model.name for model in models), wanted, answer)
        self._waiters.add(waiter)
        self._joined.set()
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        try:
            async with asyncio.timeout(seconds):
                return await answer
        except TimeoutError:
            return False
        finally:
            self._waiters.discard(waiter)

    async def _ask(self) -> None:
        pause = _SHORTEST
        while self._waiters:
            if self._joined.is_set():
                self._joined.clear()
                pause = _SHORTEST
            try:
                self._tell(await self._checkpoints())
            except ReadModelUnavailable as error:
                self._fail(error)
            await asyncio.sleep(_SHORTEST)
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._joined.wait()
            pause = min(2 * pause, _LONGEST)

    async def _checkpoints(self) -> Mapping[str, int]:
        """Of the live read models."""
        async with answering():
            return {source.name: source.checkpoint for source in await sources(self._redis, self._models)}

    def _tell(self, checkpoints: Mapping[str, int]) -> None:
        for waiter in [*self._waiters]:
            own = [checkpoints[name] for name in waiter.names & checkpoints.keys()]
            if own and min(own) >= waiter.wanted and not waiter.answer.done():
                waiter.answer.set_result(True)

    def _fail(self, error: ReadModelUnavailable) -> None:
        for waiter in [*self._waiters]:
            if not waiter.answer.done():
                waiter.answer.set_exception(error)
