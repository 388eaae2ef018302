"""One stream and the call on it: what a handler sees as `Call`."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence

from embedded.call import Handler, RpcError, Status
from embedded.http2 import frames, headers, messages
from embedded.http2.frames import ErrorCode, StreamFault
from embedded.http2.intake import Intake
from embedded.http2.limits import Limits
from embedded.http2.outbox import Outbox

logger = logging.getLogger(__name__)

_LONG_SEND = 32 * 1024


class Stream:
    """Fed by its connection; sends through the outbox, and calls `on_end` once when the response has ended.

    `window` is what the client lets us send; `half_closed`: the request has ended; `answered`: a response has
    begun.
    """

    __slots__ = (
        "_allowance",
        "_deadline",
        "_ended",
        "_inbox",
        "_intake",
        "_limits",
        "_on_end",
        "_outbox",
        "_reader",
        "_sending",
        "_unpacker",
        "_unread",
        "_unyielded",
        "_widened",
        "answered",
        "half_closed",
        "id",
        "metadata",
        "path",
        "task",
        "window",
    )

    def __init__(
        self,
        stream_id: int,
        request: headers.Request,
        window: int,
        limits: Limits,
        intake: Intake,
        outbox: Outbox,
        on_end: Callable[["Stream"], None],
    ) -> None:
        self.id = stream_id
        self.path = request.path
        self.metadata = request.metadata
        self.window = window
        self.half_closed = False
        self.answered = False
        self.task: asyncio.Task[None] | None = None
        self._limits = limits
        self._intake = intake
        self._outbox = outbox
        self._on_end = on_end
        self._allowance = limits.stream_window
        self._unpacker = messages.Unpacker(limits.message, request.metadata.get("grpc-encoding", "identity"))
        self._inbox: deque[bytes] = deque()
        self._unread = 0
        self._unyielded = 0
        self._ended = False
        self._reader: asyncio.Future[None] | None = None
        self._widened: asyncio.Future[None] | None = None
        self._sending = asyncio.Lock()
        self._deadline: asyncio.TimerHandle | None = None

    # What the client sends

    def receive(self, payload: bytes, size: int, last: bool) -> None:
        """A DATA payload that costs `size` of the window, padding included; `last` ends the request."""
        self.half_closed = last
        self._allowance -= size
        if self._allowance < 0:
            raise StreamFault(self.id, ErrorCode.FLOW_CONTROL_ERROR, "more DATA than the stream's window")
        self._intake.held += len(payload)
        try:
            complete = self._unpacker.feed(payload)
        except RpcError as error:
            return self.fail(error)
        if complete:
            self._deliver(complete)
        if self._intake.full:
            return self.fail(
                RpcError(Status.RESOURCE_EXHAUSTED, "This connection sends more than it may have held.")
            )
        return self.end_request() if last else self._replenish()

    def end_request(self) -> None:
        self.half_closed = True
        if self._unpacker.pending:
            return self.fail(RpcError(Status.INTERNAL, "The request ended within a message."))
        return self._wake_reader()

    def _deliver(self, complete: list[bytes]) -> None:
        size = sum(map(len, complete)) + messages.PREFIX_SIZE * len(complete)
        self._inbox.extend(complete)
        self._unread += size
        self._intake.unread += size
        self._wake_reader()

    def _wake_reader(self) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    def _replenish(self) -> None:
        grant = self._limits.stream_window - self._unread - self._allowance
        if grant * 2 >= self._limits.stream_window and not self.half_closed and not self._ended:
            self._allowance += grant
            self._outbox.write(frames.window_update(self.id, grant))

    def messages(self) -> AsyncIterator[bytes]:
        return self

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        while not self._inbox:
            if self.half_closed or self._ended:
                raise StopAsyncIteration
            self._reader = asyncio.get_running_loop().create_future()
            await self._reader
        message = self._inbox.popleft()
        size = len(message) + messages.PREFIX_SIZE
        self._unread -= size
        self._intake.release(size)
        self._replenish()
        return message

    # What the handler sends

    async def send(self, batch: Sequence[bytes]) -> None:
        if self._ended:
            raise RpcError(Status.CANCELLED, "The call is over.")
        size = sum(map(len, batch)) + messages.PREFIX_SIZE * len(batch)
        if not size:
            return
        if self._sending.locked() or size > min(self.window, self._outbox.room):
            await self._send_piecewise(batch)
        else:
            self._outbox.write(b"".join(messages.pack(batch, self._data_head(size))))
        self._unyielded += size
        if self._unyielded > _LONG_SEND:
            self._unyielded = 0
            await asyncio.sleep(0)  # Else a long read that never has to wait would hold the loop.

    async def _send_piecewise(self, batch: Sequence[bytes]) -> None:
        async with self._sending:
            rest = memoryview(b"".join(messages.pack(batch)))
            try:
                while rest:
                    room = await self._room()
                    piece = rest[:room]
                    self._outbox.write(b"".join((self._data_head(len(piece)), piece)))
                    rest = rest[room:]
            finally:
                self._outbox.wake()

    def _data_head(self, size: int) -> bytes:
        """The head of a DATA frame, the first behind the response headers; takes `size` of both windows."""
        self.window -= size
        self._outbox.window -= size
        head = frames.head(size, frames.DATA, 0, self.id)
        if self.answered:
            return head
        self.answered = True
        return frames.frame(frames.HEADERS, frames.END_HEADERS, self.id, headers.RESPONSE) + head

    async def _room(self) -> int:
        """Bytes that may be sent now, at least one."""
        while (room := min(self.window, self._outbox.room)) <= 0:
            if self.window <= 0:
                self._outbox.wake()
                self._widened = asyncio.get_running_loop().create_future()
                await self._widened
            else:
                await self._outbox.wait()
        return room

    def widen(self, increment: int) -> None:
        self.window += increment
        if self.window > frames.MAX_WINDOW:
            raise StreamFault(self.id, ErrorCode.FLOW_CONTROL_ERROR, "stream window above 2^31-1")
        if self._widened is not None and self.window > 0 and not self._widened.done():
            self._widened.set_result(None)

    # The call's life

    def start(self, handler: Handler, timeout: float | None) -> asyncio.Task[None]:
        loop = asyncio.get_running_loop()
        if timeout is not None:
            self._deadline = loop.call_later(timeout, self._expire)
        self.task = loop.create_task(self._run(handler))
        return self.task

    async def _run(self, handler: Handler) -> None:
        try:
            await handler(self)
            error = RpcError(Status.OK, "")
        except RpcError as refusal:
            error = refusal.with_traceback(None)
        except asyncio.CancelledError:
            self.finish(RpcError(Status.CANCELLED, "The call was cancelled."))
            raise
        except Exception:
            logger.exception("handler of %s failed", self.path)
            error = RpcError(Status.UNKNOWN, "Exception was thrown by handler.")
        if self._outbox.paused:
            await self._outbox.drained()
        self.finish(error)

    def _expire(self) -> None:
        self.fail(RpcError(Status.DEADLINE_EXCEEDED, "Deadline Exceeded"))

    def fail(self, error: RpcError) -> None:
        """End the call from outside its handler, and cancel that."""
        self.finish(error)
        self._cancel()

    def abandon(self) -> None:
        """The client has gone: nothing more is sent."""
        self._ended = True
        self._forget()
        self._cancel()

    def finish(self, error: RpcError) -> None:
        """Send the trailers; if nothing was sent before, they are the whole response. Once."""
        if self._ended:
            return
        self._ended = True
        block = headers.trailers(error.status, error.message, error.trailers)
        if not self.answered:
            block = headers.RESPONSE + block
        self._outbox.write(frames.header_frames(self.id, block, frames.END_STREAM, self._outbox.frame_size))
        self._forget()
        self._on_end(self)

    def _forget(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._intake.release(self._unread, self._unpacker.pending)
        self._inbox.clear()
        self._unread = 0

    def _cancel(self) -> None:
        if self.task is not None:
            self.task.cancel()
