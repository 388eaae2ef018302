"""One at a time for each key: commands on one account queue in this process instead of conflicting in the log."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from commands import messages


class QueueFull(Exception):
    """Too many callers wait for this key, or the wait took too long."""


class _Queue:
    def __init__(self) -> None:
        self.lock: Final = asyncio.Lock()
        self.length = 0


class Turns:
    """At most `length` callers for each key, each waiting at most `patience` seconds."""

    def __init__(self, *, length: int, patience: float) -> None:
        self._length = length
        self._patience = patience
        self._queues: dict[str, _Queue] = {}

    @asynccontextmanager
    async def turn(self, key: str) -> AsyncIterator[None]:
        """Raises QueueFull."""
        queue = self._queues.setdefault(key, _Queue())
        if queue.length >= self._length:
            raise QueueFull(messages.callers_wait(queue.length, key))
        queue.length += 1
        try:
            await self._acquire(queue, key)
            try:
                yield
            finally:
                queue.lock.release()
        finally:
            queue.length -= 1
            if queue.length == 0:
                del self._queues[key]

    async def _acquire(self, queue: _Queue, key: str) -> None:
        try:
            async with asyncio.timeout(self._patience):
                await queue.lock.acquire()
        except TimeoutError:
            raise QueueFull(messages.not_free_in_time(key, self._patience)) from None
