"""The sending side of one connection: writes gathered over one turn of the loop, the send window, back-pressure."""

import asyncio
from collections import deque

from esdbnode.http2.frames import DEFAULT_FRAME_SIZE, DEFAULT_WINDOW, MAX_WINDOW, ConnectionFault, ErrorCode
from esdbnode.http2.limits import Limits
from esdbnode.wording import faults

LARGEST_DATA_FRAME = 512 * 1024
_FLUSH_AT = 64 * 1024


class Outbox:
    """`window` is the client's connection window, `frame_size` the largest frame it accepts.

    `overdue`: bytes written although the socket is full, because they answer frames that cannot wait.
    """

    def __init__(self, transport: asyncio.Transport, limits: Limits) -> None:
        self.window = DEFAULT_WINDOW
        self.frame_size = DEFAULT_FRAME_SIZE
        self.paused = False
        self.overdue = 0
        self._loop = asyncio.get_running_loop()
        self._transport = transport
        self._pieces: list[bytes] = []
        self._size = 0
        self._scheduled = False
        self._queue: deque[asyncio.Future[None]] = deque()
        self._resumed: asyncio.Future[None]
        transport.set_write_buffer_limits(limits.write_buffer)

    def write(self, data: bytes) -> None:
        if self.paused:
            self.overdue += len(data)
        self._pieces.append(data)
        self._size += len(data)
        if self._size >= _FLUSH_AT:
            self.flush()
        elif not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._flush_soon)

    def flush(self) -> None:
        if not self._pieces:
            return
        data = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        self._pieces.clear()
        self._size = 0
        if not self._transport.is_closing():
            self._transport.write(data)

    def _flush_soon(self) -> None:
        self._scheduled = False
        self.flush()

    @property
    def room(self) -> int:
        """How many bytes of DATA payload may be written now, for all streams together."""
        return 0 if self.paused else min(self.window, self.frame_size, LARGEST_DATA_FRAME)

    async def wait(self) -> None:
        """Wait until there may be room. The caller calls `wake` afterwards, also if it is cancelled."""
        turn = self._loop.create_future()
        self._queue.append(turn)
        await turn

    def wake(self) -> None:
        """If there is room, let the writer that has waited longest try again."""
        while self._queue and self.room > 0:
            turn = self._queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return

    async def drained(self) -> None:
        """Wait until the socket accepts more bytes, whatever the windows allow."""
        while self.paused:
            await asyncio.shield(self._resumed)

    def widen(self, increment: int) -> None:
        self.window += increment
        if self.window > MAX_WINDOW:
            raise ConnectionFault(ErrorCode.FLOW_CONTROL_ERROR, faults.window_too_large(faults.CONNECTION))
        self.wake()

    def pause(self) -> None:
        self.paused = True
        self._resumed = self._loop.create_future()

    def resume(self) -> None:
        self.paused = False
        self.overdue = 0
        self._resumed.set_result(None)
        self.wake()
