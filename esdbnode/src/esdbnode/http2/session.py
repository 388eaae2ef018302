"""The effect of each frame on the connection or on one of its streams. Source: RFC 9113, sections 5 and 6."""

from collections.abc import Callable

from esdbnode.http2 import frames, headers
from esdbnode.http2.frames import ConnectionFault, ErrorCode, Setting, StreamFault
from esdbnode.http2.intake import Intake
from esdbnode.http2.limits import Limits
from esdbnode.http2.outbox import Outbox
from esdbnode.http2.patience import Patience
from esdbnode.http2.stream import Stream
from esdbnode.http2.streams import Streams
from esdbnode.wording import faults

_CONTINUATIONS = 64


class Session:
    """`greeted`: the client's first SETTINGS have arrived, and ours were sent."""

    def __init__(self, streams: Streams, limits: Limits, intake: Intake, outbox: Outbox) -> None:
        self.greeted = False
        self._streams = streams
        self._limits = limits
        self._intake = intake
        self._outbox = outbox
        self._decoder = headers.Decoder(limits.header_list)
        self._patience = Patience(limits)
        self._block: list[bytes] = []
        self._block_head: tuple[int, int] | None = None
        self._handlers: dict[int, Callable[[int, int, bytes], None]] = {
            frames.DATA: self._data,
            frames.HEADERS: self._headers,
            frames.PRIORITY: self._priority,
            frames.RST_STREAM: self._rst_stream,
            frames.SETTINGS: self._settings,
            frames.PUSH_PROMISE: self._push_promise,
            frames.PING: self._ping,
            frames.GOAWAY: self._goaway,
            frames.WINDOW_UPDATE: self._window_update,
            frames.CONTINUATION: self._continuation,
        }

    def _greet(self) -> None:
        values = {
            Setting.MAX_CONCURRENT_STREAMS: self._limits.streams,
            Setting.INITIAL_WINDOW_SIZE: self._limits.stream_window,
            Setting.MAX_FRAME_SIZE: self._limits.frame,
            Setting.MAX_HEADER_LIST_SIZE: self._limits.header_list,
        }
        self.greeted = True
        self._outbox.write(frames.settings(values))
        self._intake.replenish()

    def receive(self, kind: int, flags: int, stream_id: int, payload: bytes) -> None:
        """Raises ConnectionFault; faults of one stream end here, with RST_STREAM."""
        if self._outbox.overdue > self._limits.replies:
            raise ConnectionFault(ErrorCode.ENHANCE_YOUR_CALM, faults.ANSWERS_NOT_READ)
        if self._block_head is not None and kind != frames.CONTINUATION:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, faults.HEADER_BLOCK_INTERRUPTED)
        if not self.greeted:
            if kind != frames.SETTINGS or flags & frames.ACK:
                raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, faults.FIRST_FRAME_NOT_SETTINGS)
            self._greet()
        handle = self._handlers.get(kind)
        if handle is None:
            return self._patience.spend(1, faults.UNKNOWN_FRAMES)
        try:
            handle(flags, stream_id, payload)
        except StreamFault as fault:
            self._patience.spend(1, faults.FAULTS)
            self._streams.fault(fault)

    # Frames of one stream

    def _data(self, flags: int, stream_id: int, payload: bytes) -> None:
        self._intake.arrive(len(payload))
        last = bool(flags & frames.END_STREAM)
        stream = self._streams.open.get(stream_id)
        if stream is None:
            self._stray_data(stream_id)
        elif stream.inbox.half_closed:
            raise StreamFault(stream_id, ErrorCode.STREAM_CLOSED, faults.after_end_of_stream("DATA"))
        else:
            if not (payload or last):
                self._patience.spend(1, faults.EMPTY_DATA_FRAMES)
            stream.receive(frames.unpad(flags, payload), len(payload), last)
        self._intake.replenish()

    def _stray_data(self, stream_id: int) -> None:
        self._streams.must_exist(stream_id, "DATA")
        self._intake.replenish()
        if not self._streams.was_reset_by_us(stream_id):
            raise StreamFault(stream_id, ErrorCode.STREAM_CLOSED, faults.DATA_ON_CLOSED_STREAM)

    def _headers(self, flags: int, stream_id: int, payload: bytes) -> None:
        if stream_id % 2 == 0:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, faults.not_an_odd_stream(stream_id))
        fragment = frames.header_fragment(flags, payload)
        if flags & frames.END_HEADERS:
            return self._header_block(flags, stream_id, fragment)
        self._block_head = (flags, stream_id)
        self._block = [fragment]
        return None

    def _continuation(self, flags: int, stream_id: int, payload: bytes) -> None:
        if self._block_head is None or self._block_head[1] != stream_id:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, faults.CONTINUATION_WITHOUT_HEADERS)
        self._block.append(payload)
        if len(self._block) > _CONTINUATIONS or sum(map(len, self._block)) > self._limits.header_list:
            raise ConnectionFault(ErrorCode.ENHANCE_YOUR_CALM, faults.HEADER_BLOCK_TOO_LONG)
        if flags & frames.END_HEADERS:
            flags, block = self._block_head[0], b"".join(self._block)
            self._block_head, self._block = None, []
            self._header_block(flags, stream_id, block)

    def _header_block(self, flags: int, stream_id: int, block: bytes) -> None:
        last = bool(flags & frames.END_STREAM)
        stream = self._streams.open.get(stream_id)
        if stream is not None:
            self._trailers(stream, last, block)
        elif self._streams.is_new(stream_id):
            self._streams.begin(stream_id, last, block, self._decoder)
        else:
            self._decoder.decode(block)
            if not self._streams.was_reset_by_us(stream_id):
                raise ConnectionFault(ErrorCode.STREAM_CLOSED, faults.headers_on_closed_stream(stream_id))

    def _trailers(self, stream: Stream, last: bool, block: bytes) -> None:
        fields = self._decoder.decode(block)
        if stream.inbox.half_closed:
            raise StreamFault(stream.id, ErrorCode.STREAM_CLOSED, faults.after_end_of_stream("HEADERS"))
        if not last or any(name.startswith(":") for name, _ in fields):
            raise StreamFault(stream.id, ErrorCode.PROTOCOL_ERROR, faults.WRONG_TRAILERS)
        stream.end_request()

    def _rst_stream(self, _flags: int, stream_id: int, payload: bytes) -> None:
        frames.read_number(payload, "RST_STREAM")
        self._streams.must_exist(stream_id, "RST_STREAM")
        stream = self._streams.drop(stream_id)
        if stream is not None and not stream.answered:
            self._patience.spend(1, faults.RESETS)

    def _priority(self, _flags: int, stream_id: int, payload: bytes) -> None:
        if stream_id == 0:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, faults.PRIORITY_ON_STREAM_0)
        self._patience.spend(1, faults.PRIORITY_FRAMES)
        if len(payload) != 5:
            raise StreamFault(
                stream_id, ErrorCode.FRAME_SIZE_ERROR, faults.wrong_size("PRIORITY", len(payload))
            )

    def _window_update(self, _flags: int, stream_id: int, payload: bytes) -> None:
        increment = frames.read_number(payload, "WINDOW_UPDATE") & frames.MAX_WINDOW
        if stream_id == 0:
            if increment == 0:
                raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, faults.WINDOW_UPDATE_BY_0)
            return self._outbox.widen(increment)
        self._streams.must_exist(stream_id, "WINDOW_UPDATE")
        if increment == 0:
            raise StreamFault(stream_id, ErrorCode.PROTOCOL_ERROR, faults.WINDOW_UPDATE_BY_0)
        stream = self._streams.open.get(stream_id)
        return None if stream is None else stream.widen(increment)

    # Frames of the connection

    def _settings(self, flags: int, stream_id: int, payload: bytes) -> None:
        if stream_id:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, faults.on_a_stream("SETTINGS"))
        if flags & frames.ACK:
            if payload:
                raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, faults.ACKNOWLEDGED_WITH_PAYLOAD)
            return
        self._patience.spend(10, faults.SETTINGS_FRAMES)
        values = frames.read_settings(payload)
        # Before any DATA that uses a new window: grpcio counts earlier DATA against the old one.
        self._outbox.write(frames.frame(frames.SETTINGS, frames.ACK, 0))
        self._outbox.frame_size = values.get(Setting.MAX_FRAME_SIZE, self._outbox.frame_size)
        if Setting.INITIAL_WINDOW_SIZE in values:
            self._streams.resize_windows(values[Setting.INITIAL_WINDOW_SIZE])

    def _ping(self, flags: int, stream_id: int, payload: bytes) -> None:
        if stream_id:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, faults.on_a_stream("PING"))
        if len(payload) != 8:
            raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, faults.wrong_size("PING", len(payload)))
        if not flags & frames.ACK:
            self._patience.spend(1, faults.PINGS)
            self._outbox.write(frames.frame(frames.PING, frames.ACK, 0, payload))

    def _goaway(self, _flags: int, stream_id: int, payload: bytes) -> None:
        if stream_id:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, faults.on_a_stream("GOAWAY"))
        if len(payload) < 8:
            raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, faults.wrong_size("GOAWAY", len(payload)))
        # Nothing to do: the client ends its streams and closes the socket.

    def _push_promise(self, _flags: int, _stream_id: int, _payload: bytes) -> None:
        raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, faults.PUSHED)
