"""One stream and the call on it. Handlers see it as `Call`."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence

from esdbnode.call import Handler, RpcError, Status
from esdbnode.http2 import frames, headers, messages
from esdbnode.http2.frames import ErrorCode, StreamFault
from esdbnode.http2.inbox import Inbox
from esdbnode.http2.intake import Intake
from esdbnode.http2.limits import Limits
from esdbnode.http2.outbox import Outbox
from esdbnode.wording import calls, faults, protocol

logger = logging.getLogger(__name__)

_LONG_SEND = 32 * 1024


class Stream:
    """Gets its frames from the connection, sends through the outbox, and calls `on_end` once, after the response's end.

    `window`: how many bytes the client allows us to send. `answered`: a response has begun.
    """

    __slots__ = (
        "_deadline",
        "_ended",
        "_on_end",
        "_outbox",
        "_sending",
        "_unyielded",
        "_widened",
        "answered",
        "id",
        "inbox",
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
        self.answered = False
        encoding = request.metadata.get("grpc-encoding", "identity")
        self.inbox = Inbox(stream_id, encoding, limits, intake, outbox)
        self.task: asyncio.Task[None] | None = None
        self._outbox = outbox
        self._on_end = on_end
        self._unyielded = 0
        self._ended = False
        self._widened: asyncio.Future[None] | None = None
        self._sending = asyncio.Lock()
        self._deadline: asyncio.TimerHandle | None = None

    # From the client

    def receive(self, payload: bytes, size: int, last: bool) -> None:
        """A DATA payload that costs `size` of the window, padding included; `last` ends the request."""
        try:
            self.inbox.receive(payload, size, last)
        except RpcError as error:
            self.fail(error)

    def end_request(self) -> None:
        try:
            self.inbox.end()
        except RpcError as error:
            self.fail(error)

    def messages(self) -> AsyncIterator[bytes]:
        return self.inbox

    # What the handler sends

    async def send(self, batch: Sequence[bytes]) -> None:
        if not self.send_now(batch):
            await self._send_piecewise(batch)
        if self._unyielded > _LONG_SEND:
            self._unyielded = 0
            await asyncio.sleep(0)  # Otherwise a long read that never waits would block the loop.

    def send_now(self, batch: Sequence[bytes]) -> bool:
        if self._ended:
            raise RpcError(Status.CANCELLED, calls.CALL_OVER)
        size = sum(map(len, batch)) + messages.PREFIX_SIZE * len(batch)
        if self._sending.locked() or size > min(self.window, self._outbox.room):
            return size == 0  # nothing to send need not wait
        if size:
            self._outbox.write(b"".join(messages.pack(batch, self._data_head(size))))
            self._unyielded += size
        return True

    async def _send_piecewise(self, batch: Sequence[bytes]) -> None:
        async with self._sending:
            rest = memoryview(b"".join(messages.pack(batch)))
            self._unyielded += len(rest)
            try:
                while rest:
                    room = await self._room()
                    piece = rest[:room]
                    self._outbox.write(b"".join((self._data_head(len(piece)), piece)))
                    rest = rest[room:]
            finally:
                self._outbox.wake()

    def _data_head(self, size: int) -> bytes:
        """The head of a DATA frame, after the response headers if it is the first; takes `size` from both windows."""
        self.window -= size
        self._outbox.window -= size
        head = frames.head(size, frames.DATA, 0, self.id)
        if self.answered:
            return head
        self.answered = True
        return frames.frame(frames.HEADERS, frames.END_HEADERS, self.id, headers.RESPONSE) + head

    async def _room(self) -> int:
        """How many bytes may be sent now, at least one."""
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
            raise StreamFault(self.id, ErrorCode.FLOW_CONTROL_ERROR, faults.window_too_large(faults.STREAM))
        if self._widened is not None and self.window > 0 and not self._widened.done():
            self._widened.set_result(None)

    # The call's beginning and end

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
            self.finish(RpcError(Status.CANCELLED, calls.CALL_CANCELLED))
            raise
        except Exception:
            logger.exception(calls.handler_failed(self.path))
            error = RpcError(Status.UNKNOWN, protocol.HANDLER_FAILED)
        if self._outbox.paused:
            await self._outbox.drained()
        self.finish(error)

    def _expire(self) -> None:
        self.fail(RpcError(Status.DEADLINE_EXCEEDED, protocol.DEADLINE_EXCEEDED))

    def fail(self, error: RpcError) -> None:
        """End the call from outside of its handler, and cancel the handler."""
        self.finish(error)
        self._cancel()

    def abandon(self) -> None:
        """The client has disconnected: send nothing more."""
        self._ended = True
        self._forget()
        self._cancel()

    def finish(self, error: RpcError) -> None:
        """Send the trailers, once; if nothing was sent before, they are the whole response."""
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
        self.inbox.close()

    def _cancel(self) -> None:
        if self.task is not None:
            self.task.cancel()
