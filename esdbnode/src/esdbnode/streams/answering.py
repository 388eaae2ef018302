"""Sends the answers of a BatchAppend call as they become ready, and limits the number of unanswered appends."""

import asyncio

from esdbnode.call import Call, RpcError

IN_FLIGHT = 1_000
"""How many appends of one call may be unanswered."""


class Answers:
    """Until the request has ended, a task sends the answers; afterwards the handler itself sends them, in `finish`."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._ready: list[bytes] = []
        self._in_flight = 0
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._finishing = False

    def expect(self) -> None:
        self._in_flight += 1

    def add(self, answer: bytes, *, expected: bool = False) -> None:
        self._in_flight -= expected
        self._ready.append(answer)
        self._changed.set()
        if not self._finishing and self._task is None:
            self._task = asyncio.create_task(self._flush())

    async def room(self) -> None:
        while self._in_flight + len(self._ready) >= IN_FLIGHT:
            self._changed.clear()
            await self._changed.wait()

    async def finish(self) -> None:
        self._finishing = True
        if self._task:
            await self._task
        while self._in_flight or self._ready:
            if not self._ready:
                self._changed.clear()
                await self._changed.wait()
            await self._send()

    def abandon(self) -> None:
        self._finishing = True
        if self._task:
            self._task.cancel()

    async def _flush(self) -> None:
        try:
            while self._ready:
                await self._send()
        except RpcError:
            return  # The client has disconnected, and its call has ended.
        finally:
            self._task = None

    async def _send(self) -> None:
        ready, self._ready = self._ready, []
        await self._call.send(ready)
        self._changed.set()
