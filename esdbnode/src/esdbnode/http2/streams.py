"""The streams of one connection: opened by requests, ended by either side, remembered for a while."""

import asyncio
from collections.abc import Callable, Mapping

from esdbnode.call import Handler, RpcError, Status
from esdbnode.http2 import frames, headers, messages
from esdbnode.http2.frames import ConnectionFault, ErrorCode, StreamFault
from esdbnode.http2.intake import Intake
from esdbnode.http2.limits import Limits
from esdbnode.http2.outbox import Outbox
from esdbnode.http2.stream import Stream
from esdbnode.wording import faults, protocol

_REMEMBERED = 1000


class Streams:
    """`open`: the calls by stream id. `tasks`: their tasks, and those that were cancelled and have not ended yet.

    `last_call` is the last stream that was processed, for GOAWAY. `refusing`: new calls are refused, after that frame.
    `on_quiet` is called when no stream is left open, and again when no task is left.
    """

    def __init__(
        self,
        routes: Mapping[str, Handler],
        limits: Limits,
        intake: Intake,
        outbox: Outbox,
        on_quiet: Callable[[], None],
    ) -> None:
        self.open: dict[int, Stream] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        self.last_call = 0
        self.refusing = False
        self._routes = routes
        self._limits = limits
        self._intake = intake
        self._outbox = outbox
        self._on_quiet = on_quiet
        self._last_id = 0
        self._window = frames.DEFAULT_WINDOW
        self._recent: dict[int, None] = {}

    # The open streams

    def is_new(self, stream_id: int) -> bool:
        return stream_id > self._last_id

    def was_reset_by_us(self, stream_id: int) -> bool:
        return stream_id in self._recent

    def must_exist(self, stream_id: int, frame: str) -> None:
        if stream_id == 0 or stream_id > self._last_id or stream_id % 2 == 0:
            message = faults.never_opened(frame, stream_id)
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, message)

    def resize_windows(self, window: int) -> None:
        """A new SETTINGS_INITIAL_WINDOW_SIZE also moves the windows of open streams, even below zero."""
        change, self._window = window - self._window, window
        try:
            for stream in self.open.values():
                stream.widen(change)
        except StreamFault as fault:
            raise ConnectionFault(fault.code, str(fault)) from fault

    # Beginning

    def begin(self, stream_id: int, last: bool, block: bytes, decoder: headers.Decoder) -> None:
        """Start a call, or answer a request that is refused. `last`: no body follows."""
        self._last_id = stream_id
        try:
            request = decoder.request(block)
        except headers.MalformedRequest as error:
            raise StreamFault(stream_id, ErrorCode.PROTOCOL_ERROR, str(error)) from error
        if self.refusing or len(self.tasks) >= self._limits.streams:
            raise StreamFault(stream_id, ErrorCode.REFUSED_STREAM, faults.TOO_MANY_CALLS)
        self.last_call = stream_id
        refused = headers.http_refusal(request)
        if refused:
            return self._refuse(stream_id, last, refused)
        stream = Stream(
            stream_id, request, self._window, self._limits, self._intake, self._outbox, self._on_end
        )
        stream.inbox.half_closed = last
        self.open[stream_id] = stream
        return self._call(stream)

    def _refuse(self, stream_id: int, last: bool, http_status: int) -> None:
        block = headers.refusal(http_status)
        self._outbox.write(frames.header_frames(stream_id, block, frames.END_STREAM, self._outbox.frame_size))
        if not last:
            self._reset(stream_id, ErrorCode.NO_ERROR)

    def _call(self, stream: Stream) -> None:
        try:
            timeout = messages.timeout(stream.metadata.get("grpc-timeout"))
            handler = self._routes.get(stream.path) or self._unknown(stream.path)
        except RpcError as error:
            return stream.finish(error)
        task = stream.start(handler, timeout)
        self.tasks.add(task)
        return task.add_done_callback(self._task_done)

    def _unknown(self, path: str) -> Handler:
        service = path.rpartition("/")[0] + "/"
        if any(known.startswith(service) for known in self._routes):
            raise RpcError(Status.UNIMPLEMENTED, protocol.METHOD_UNIMPLEMENTED)
        raise RpcError(Status.UNIMPLEMENTED, protocol.SERVICE_UNIMPLEMENTED)

    # Ending

    def fault(self, fault: StreamFault) -> None:
        """The client broke a rule of this stream."""
        self._reset(fault.stream_id, fault.code)
        self.drop(fault.stream_id)

    def drop(self, stream_id: int) -> Stream | None:
        """Forget a stream that was reset by either side, and cancel its handler."""
        stream = self.open.pop(stream_id, None)
        if stream is not None:
            stream.abandon()
            self._ended()
        return stream

    def abandon(self) -> None:
        """The client has disconnected."""
        for stream in self.open.values():
            stream.abandon()
        self.open.clear()

    def expel(self, error: RpcError) -> None:
        """End all calls with `error`."""
        for stream in list(self.open.values()):
            stream.fail(error)

    def _on_end(self, stream: Stream) -> None:
        del self.open[stream.id]
        if not stream.inbox.half_closed:
            self._reset(stream.id, ErrorCode.NO_ERROR)
        self._ended()

    def _reset(self, stream_id: int, code: ErrorCode) -> None:
        """Remembered, because frames that the client sends before it sees the end are not a fault (RFC 9113, 5.4.2)."""
        self._outbox.write(frames.reset(stream_id, code))
        self._recent[stream_id] = None
        if len(self._recent) > _REMEMBERED:
            del self._recent[next(iter(self._recent))]

    def _task_done(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        self._ended()

    def _ended(self) -> None:
        if not self.open:
            self._on_quiet()
