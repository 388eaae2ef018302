"""The received bytes of one request: cut into messages, and held within the window until the handler takes them."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from esdbnode.call import RpcError, Status
from esdbnode.http2 import frames, messages
from esdbnode.http2.frames import ErrorCode, StreamFault
from esdbnode.http2.intake import Intake
from esdbnode.http2.limits import Limits
from esdbnode.http2.outbox import Outbox
from esdbnode.wording import calls, faults


class Inbox:
    """An iterator of the request's messages. It ends with the request.

    `half_closed`: the request has ended. `stream_id` is for the frames that widen the client's window.
    """

    __slots__ = (
        "_allowance",
        "_closed",
        "_intake",
        "_limits",
        "_outbox",
        "_reader",
        "_stream_id",
        "_unpacker",
        "_unread",
        "_waiting",
        "half_closed",
    )

    def __init__(self, stream_id: int, encoding: str, limits: Limits, intake: Intake, outbox: Outbox) -> None:
        self.half_closed = False
        self._stream_id = stream_id
        self._limits = limits
        self._intake = intake
        self._outbox = outbox
        self._allowance = limits.stream_window
        self._unpacker = messages.Unpacker(limits.message, encoding)
        self._waiting: deque[bytes] = deque()
        self._unread = 0
        self._closed = False
        self._reader: asyncio.Future[None] | None = None

    def receive(self, payload: bytes, size: int, last: bool) -> None:
        """A DATA payload that costs `size` of the window, padding included; `last` ends the request.

        Raises StreamFault, or RpcError if the call has to end.
        """
        self.half_closed = last
        self._allowance -= size
        if self._allowance < 0:
            raise StreamFault(
                self._stream_id, ErrorCode.FLOW_CONTROL_ERROR, faults.more_than_window(faults.STREAM)
            )
        self._intake.held += len(payload)
        if complete := self._unpacker.feed(payload):
            self._deliver(complete)
        if self._intake.full:
            raise RpcError(Status.RESOURCE_EXHAUSTED, calls.TOO_MUCH_HELD)
        if last:
            self.end()
        else:
            self._replenish()

    def end(self) -> None:
        """The request has ended. Raises RpcError if it ended within a message."""
        self.half_closed = True
        if self._unpacker.pending:
            raise RpcError(Status.INTERNAL, calls.ENDED_WITHIN_A_MESSAGE)
        self._wake_reader()

    def close(self) -> None:
        """The call has ended: unread messages are dropped."""
        self._closed = True
        self._intake.release(self._unread, self._unpacker.pending)
        self._waiting.clear()
        self._unread = 0

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        while not self._waiting:
            if self.half_closed or self._closed:
                raise StopAsyncIteration
            self._reader = asyncio.get_running_loop().create_future()
            await self._reader
        message = self._waiting.popleft()
        size = len(message) + messages.PREFIX_SIZE
        self._unread -= size
        self._intake.release(size)
        self._replenish()
        return message

    def _deliver(self, complete: list[bytes]) -> None:
        size = sum(map(len, complete)) + messages.PREFIX_SIZE * len(complete)
        self._waiting.extend(complete)
        self._unread += size
        self._intake.unread += size
        self._wake_reader()

    def _wake_reader(self) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    def _replenish(self) -> None:
        grant = self._limits.stream_window - self._unread - self._allowance
        if grant * 2 >= self._limits.stream_window and not self.half_closed and not self._closed:
            self._allowance += grant
            self._outbox.write(frames.window_update(self._stream_id, grant))
