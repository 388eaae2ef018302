"""Sends the answers of a BatchAppend call as they become ready, and limits the number of unanswered appends.

The answers that become ready in one turn of the loop, such as those of one commit, are sent together.
"""

import asyncio
from contextlib import suppress

from esdbnode.call import Call, RpcError

IN_FLIGHT = 1_000
"""How many appends of one call may be unanswered."""


class Answers:
    """Until the request has ended, they are sent at once, or by a task if sending has to wait.

    Afterwards the handler itself sends them, in `finish`.
    """

    def __init__(self, call: Call) -> None:
        self._call = call
        self._ready: list[bytes] = []
        self._in_flight = 0
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._scheduled = False
        self._finishing = False

    def expect(self) -> None:
        self._in_flight += 1

    def add(self, answer: bytes, *, expected: bool = False) -> None:
        self._in_flight -= expected
        self._ready.append(answer)
        self._changed.set()
        if not (self._finishing or self._scheduled or self._task):
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._flush)

    @property
    def full(self) -> bool:
        return self._in_flight + len(self._ready) >= IN_FLIGHT

    async def room(self) -> None:
        while self.full:
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

    def _flush(self) -> None:
        self._scheduled = False
        if self._finishing:
            return
        with suppress(RpcError):  # The client has disconnected, and its call has ended.
            if self._call.send_now(self._ready):
                self._ready = []
                self._changed.set()
            else:
                self._task = asyncio.create_task(self._send_all())

    async def _send_all(self) -> None:
        try:
            while self._ready:
                await self._send()
        except RpcError:
            return  # As above.
        finally:
            self._task = None

    async def _send(self) -> None:
        ready, self._ready = self._ready, []
        await self._call.send(ready)
        self._changed.set()
