"""One at a time for each key: commands on one account queue in this process instead of conflicting in the log."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from commands import messages

_COURTEOUS: Final = 2
"""How many turns make way for another process that was met."""
_WAY: Final = 0.004
"""Seconds: a read and an append of the other process fit in."""


class QueueFull(Exception):
    """Too many callers wait for this key, or the wait took too long."""


class Queue:
    """The callers of one key. `rivals` is above 0 for a while after one of them met a writer of another process."""

    def __init__(self) -> None:
        self.lock: Final = asyncio.Lock()
        self.length = 0
        self.rivals = 0

    def met_rival(self) -> None:
        """The next turns begin a little later, so that the other process gets its turn too."""
        self.rivals = _COURTEOUS

    async def make_way(self) -> None:
        if self.rivals:
            self.rivals -= 1
            await pause(_WAY)


class Turns:
    """At most `length` callers for each key, each waiting at most `patience` seconds."""

    def __init__(self, *, length: int, patience: float) -> None:
        self._length = length
        self._patience = patience
        self._queues: dict[str, Queue] = {}

    @asynccontextmanager
    async def turn(self, key: str) -> AsyncIterator[Queue]:
        """Raises QueueFull."""
        queue = self._queues.setdefault(key, Queue())
        if queue.length >= self._length:
            raise QueueFull(messages.callers_wait(queue.length, key))
        queue.length += 1
        try:
            await self._acquire(queue, key)
            try:
                await queue.make_way()
                yield queue
            finally:
                queue.lock.release()
        finally:
            queue.length -= 1
            if queue.length == 0:
                del self._queues[key]

    async def _acquire(self, queue: Queue, key: str) -> None:
        if queue.length == 1:  # nobody else: it is free, and needs no timer
            await queue.lock.acquire()
            return
        try:
            async with asyncio.timeout(self._patience):
                await queue.lock.acquire()
        except TimeoutError:
            raise QueueFull(messages.not_free_in_time(key, self._patience)) from None


async def pause(longest: float) -> None:
    """Up to `longest` seconds, each time another one, so that two processes do not stay in step."""
    await asyncio.sleep(random.uniform(0, longest))  # noqa: S311  jitter is not a secret
