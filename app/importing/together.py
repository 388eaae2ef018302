"""Many accounts at a time, and again if the log does not answer."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Final, TypeVar

from commands.handler import TooContended
from eventstore.store import StoreUnavailable

IN_FLIGHT: Final = 64

_PAUSES: Final = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds between two tries if the log does not answer. This gives a node time to restart."""

_Item = TypeVar("_Item")
_Answer = TypeVar("_Answer")


async def each_of(do: Callable[[_Item], Awaitable[None]], items: Iterable[_Item]) -> None:
    """Runs `do` for each, IN_FLIGHT at a time. The first failure ends all and is raised."""
    waiting = iter(items)
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(IN_FLIGHT):
                group.create_task(_one_by_one(do, waiting))
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None


async def _one_by_one(do: Callable[[_Item], Awaitable[None]], waiting: Iterator[_Item]) -> None:
    for item in waiting:
        await do(item)


async def insisting(attempt: Callable[[], Awaitable[_Answer]]) -> _Answer:
    for pause in _PAUSES:
        try:
            return await attempt()
        except (StoreUnavailable, TooContended):
            await asyncio.sleep(pause)
    return await attempt()
