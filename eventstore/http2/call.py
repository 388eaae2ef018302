"""A connection that carries one call with messages in both directions.

Messages that are sent in one turn of the event loop leave in one write, and those that one read brings are given on
together. Source: RFC 9113.
"""

import asyncio
from collections.abc import Callable
from typing import Final, Protocol, cast

import grpc

from eventstore import messages
from eventstore.http2 import frames
from eventstore.http2.fields import Answer, Ended, lost
from eventstore.http2.frames import STREAM
from eventstore.http2.outbox import Outbox

WINDOW: Final = 2**20
"""Bytes that the server may send ahead; also the largest message that it may send."""


class Listener(Protocol):
    def received(self, contents: list[bytes]) -> None:
        """Messages of the server. May raise ConnectionAbortedError, which ends the call."""

    def going_away(self) -> None:
        """The server answers what it has, and wants nothing more on this connection."""

    def ended(self, error: Ended) -> None:
        """The call is over, also if the status of `error` is OK. Comes once; nothing comes after it."""


class Call(asyncio.Protocol):
    """`request` is the block of the request's header fields. It is sent once the server has sent its settings.

    `claim` is asked before that. False: another connection for the same listener was ready before, so this one ends.
    """

    def __init__(self, request: bytes, listener: Listener, claim: Callable[[], bool]) -> None:
        loop = asyncio.get_running_loop()
        self.ready: asyncio.Future[None] = loop.create_future()
        """Done once messages can be sent. ConnectionError: the server does not speak HTTP/2, or is gone."""
        self.ready.add_done_callback(asyncio.Future.exception)  # nobody may be waiting for it any more
        self.closed: asyncio.Future[None] = loop.create_future()
        """Done once the connection is closed."""
        self._loop = loop
        self._request = request
        self._listener = listener
        self._claim = claim
        self._outbox = Outbox()
        self._answer = Answer()
        self._transport: asyncio.Transport | None = None
        self._rest = b""
        """An incomplete frame."""
        self._partial = b""
        """An incomplete message."""
        self._block: tuple[int, bytes] | None = None
        """The flags and the fields so far, while CONTINUATION is to follow."""
        self._received = 0
        self._ended = self._scheduled = self._paused = False

    def send(self, key: int, content: bytes) -> None:
        self._outbox.put(key, content)
        self._soon()

    def take_back(self, key: int) -> None:
        """Do not send the message with this key if it has not left yet."""
        self._outbox.take_back(key)

    def abort(self) -> None:
        """Nothing more is sent, and the listener is not called any more."""
        self._ended = True
        if self._transport:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        tls = transport.get_extra_info("ssl_object")
        if tls and tls.selected_alpn_protocol() != "h2":
            self._end(Ended(grpc.StatusCode.INTERNAL, messages.NOT_HTTP2))
        self._write(frames.greeting(WINDOW))

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(lost(exc))
        self.closed.set_result(None)

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        self._soon()

    def _soon(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._scheduled = False
        if not self._paused and (content := self._outbox.take()):
            self._write(content)

    def _write(self, content: bytes) -> None:
        if self._transport and not self._ended:
            self._transport.write(content)

    def _end(self, error: Ended) -> None:
        if not self.ready.done():
            self.ready.set_exception(ConnectionResetError(error.details()))
        elif not self._ended:
            self._listener.ended(error)
        self.abort()

    def data_received(self, data: bytes) -> None:
        try:
            found, self._rest = frames.split(self._rest + data)
            for kind, flags, stream, payload in found:
                if self._ended:
                    return
                self._take(kind, flags, stream, payload)
        except ConnectionAbortedError:
            self._end(Ended(grpc.StatusCode.INTERNAL, messages.NOT_HTTP2))

    def _take(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        """Raises ConnectionAbortedError for whatever the server must not send."""
        is_continued = self._block is not None
        if is_continued != (kind == frames.CONTINUATION) or kind == frames.PUSH_PROMISE:
            raise ConnectionAbortedError
        if not self.ready.done() and kind != frames.SETTINGS:
            raise ConnectionAbortedError
        if kind in _OF_THE_CALL and stream != STREAM:
            raise ConnectionAbortedError
        if take := _TAKEN.get(kind):
            take(self, flags, stream, payload)

    def _data(self, flags: int, _: int, payload: bytes) -> None:
        self._grant(len(payload))
        if flags & frames.PADDED:
            payload = frames.unpadded(frames.DATA, flags, payload)
        if self._answer.has_messages:
            contents, self._partial = frames.split_messages(self._partial + payload, WINDOW)
            if contents:
                self._listener.received(contents)
        if flags & frames.END_STREAM:
            self._end(self._answer.ended())

    def _grant(self, size: int) -> None:
        """Grant the server larger windows, by the bytes that were read: from time to time, not for each frame."""
        self._received += size
        if self._received > WINDOW // 2:
            self._write(
                frames.window_update(0, self._received) + frames.window_update(STREAM, self._received)
            )
            self._received = 0

    def _headers(self, flags: int, _: int, payload: bytes) -> None:
        self._fields(flags, frames.unpadded(frames.HEADERS, flags, payload))

    def _continuation(self, flags: int, _: int, payload: bytes) -> None:
        begun, block = self._block or (0, b"")
        if len(block) > WINDOW:
            raise ConnectionAbortedError
        self._fields(begun | flags & frames.END_HEADERS, block + payload)

    def _fields(self, flags: int, block: bytes) -> None:
        if not flags & frames.END_HEADERS:
            self._block = flags, block
            return
        self._block = None
        self._answer.add(block)
        if flags & frames.END_STREAM:
            self._end(self._answer.ended())

    def _reset(self, _: int, __: int, payload: bytes) -> None:
        code = frames.number_of(payload)
        is_untouched = code == frames.REFUSED_STREAM
        self._end(Ended(grpc.StatusCode.UNAVAILABLE, messages.stream_reset(code), is_untouched=is_untouched))

    def _settings(self, flags: int, _: int, payload: bytes) -> None:
        if flags & frames.ACK:
            return
        self._outbox.adapt(frames.settings_of(payload))
        self._write(frames.frame(frames.SETTINGS, frames.ACK, 0))
        if not self.ready.done():
            if not self._claim():
                raise ConnectionAbortedError
            self._write(frames.frame(frames.HEADERS, frames.END_HEADERS, STREAM, self._request))
            self.ready.set_result(None)
        self._soon()

    def _ping(self, flags: int, _: int, payload: bytes) -> None:
        if not flags & frames.ACK:
            self._write(frames.frame(frames.PING, frames.ACK, 0, payload))

    def _goaway(self, _: int, __: int, payload: bytes) -> None:
        last, code = frames.number_of(payload), frames.number_of(payload, 4)
        if last < STREAM:
            self._end(Ended(grpc.StatusCode.UNAVAILABLE, messages.sent_away(code), is_untouched=True))
        else:
            self._listener.going_away()

    def _window_update(self, _: int, stream: int, payload: bytes) -> None:
        self._outbox.widen(stream, frames.number_of(payload))
        self._soon()


_OF_THE_CALL: Final = (frames.DATA, frames.HEADERS, frames.CONTINUATION, frames.RST_STREAM)

_TAKEN: Final[dict[int, Callable[[Call, int, int, bytes], None]]] = {
    frames.DATA: Call._data,
    frames.HEADERS: Call._headers,
    frames.RST_STREAM: Call._reset,
    frames.SETTINGS: Call._settings,
    frames.PING: Call._ping,
    frames.GOAWAY: Call._goaway,
    frames.WINDOW_UPDATE: Call._window_update,
    frames.CONTINUATION: Call._continuation,
}
"""Unknown frames are ignored (RFC 9113, 4.1)."""
