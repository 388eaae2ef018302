"""Live pages that only note when bytes come, so that watching many of them costs little."""

import asyncio
import time
from bisect import bisect_left
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final, cast

OPENING: Final = 30.0
"""Seconds until all pages are live; TimeoutError after that."""
_ID: Final = b"\nid: "
_KEPT: Final = 64
"""Bytes at the end of a chunk that may be the beginning of an id."""


class Screen(asyncio.Protocol):
    """`positions` are those of the messages in the order in which they came, `times` when they came."""

    def __init__(self) -> None:
        self.ready = asyncio.Event()
        self.positions: list[int] = []
        self.times: list[float] = []
        self.bytes = 0
        self._kept = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's are not subclasses
        self.transport.write(
            b"GET /live?topics=accounts,feed,totals,status HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        )

    def data_received(self, data: bytes) -> None:
        """A message ends with its id and an empty line. Of several in one chunk the last one is enough."""
        now = time.perf_counter()
        self.ready.set()
        self.bytes += len(data)
        text = self._kept + data
        end = text.rfind(b"\n\n")
        start = text.rfind(_ID, 0, end) if end > 0 else -1
        if start >= 0:
            self._note(int(text[start + len(_ID) : text.index(b"\n", start + len(_ID))]), now)
        self._kept = text[max(end, len(text) - _KEPT) :]

    def _note(self, position: int, now: float) -> None:
        if not self.positions or position > self.positions[-1]:
            self.positions.append(position)
            self.times.append(now)

    def when(self, position: int) -> float | None:
        """When the first message came that includes this position; None if none has."""
        found = bisect_left(self.positions, position)
        return self.times[found] if found < len(self.times) else None


@asynccontextmanager
async def screens(port: int, count: int) -> AsyncIterator[Sequence[Screen]]:
    """Connected, each with its first bytes."""
    loop = asyncio.get_running_loop()
    connected = [await loop.create_connection(Screen, "127.0.0.1", port) for _ in range(count)]
    opened = [screen for _, screen in connected]
    try:
        async with asyncio.timeout(OPENING):
            await asyncio.gather(*(screen.ready.wait() for screen in opened))
        yield opened
    finally:
        for screen in opened:
            screen.transport.abort()
