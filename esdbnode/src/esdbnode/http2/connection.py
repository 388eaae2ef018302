"""One client's socket from beginning to end: greeting, keepalive, closing, being dropped."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import cast

from esdbnode.call import Handler, RpcError, Status
from esdbnode.http2 import frames
from esdbnode.http2.frames import ConnectionFault, ErrorCode
from esdbnode.http2.intake import Intake
from esdbnode.http2.limits import Limits
from esdbnode.http2.outbox import Outbox
from esdbnode.http2.session import Session
from esdbnode.http2.streams import Streams
from esdbnode.wording import calls, faults

logger = logging.getLogger(__name__)

_NOT_HTTP_2 = (
    b"HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\n"
    + f"{calls.NOT_GRPC}\n".encode()
)


class Connection(asyncio.Protocol):
    """`gone` is set when the socket is closed and every handler's task has ended."""

    def __init__(
        self, routes: Mapping[str, Handler], limits: Limits, on_open: Callable[["Connection"], None]
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self.gone: asyncio.Future[None] = self._loop.create_future()
        self._routes = routes
        self._limits = limits
        self._on_open = on_open
        self._splitter = frames.Splitter(limits.frame)
        self._heard = False
        self._pinged = False
        self._leaving = False
        self._closing = False
        self._lost = False

    # Called by asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._outbox = Outbox(self._transport, self._limits)
        intake = Intake(self._limits, self._outbox)
        self._streams = Streams(self._routes, self._limits, intake, self._outbox, self._on_quiet)
        self._session = Session(self._streams, self._limits, intake, self._outbox)
        self._timer = self._loop.call_later(self._limits.greeting, self._check_greeting)
        self._on_open(self)

    def data_received(self, data: bytes) -> None:
        self._heard = True
        if self._closing:
            return
        try:
            for frame in self._splitter.feed(data):
                self._session.receive(*frame)
        except ConnectionFault as fault:
            self._depart(fault.code, str(fault))
        except Exception:
            logger.exception(calls.CONNECTION_FAILED)
            self._depart(ErrorCode.INTERNAL_ERROR, faults.INTERNAL_ERROR)

    def pause_writing(self) -> None:
        self._outbox.pause()

    def resume_writing(self) -> None:
        self._outbox.resume()

    def connection_lost(self, _error: Exception | None) -> None:
        self._closing = self._lost = True
        self._timer.cancel()
        self._streams.abandon()
        self._on_quiet()

    # Called by the server

    @property
    def idle(self) -> bool:
        return not (self._streams.open or self._closing)

    def leave(self) -> None:
        """Take no new calls, and close once the open ones have ended."""
        self._leaving = self._streams.refusing = True
        if self._session.greeted:
            self._outbox.write(frames.goaway(self._streams.last_call, ErrorCode.NO_ERROR, ""))
        self._on_quiet()

    def expel(self) -> None:
        """End all calls with UNAVAILABLE and close."""
        self._streams.expel(RpcError(Status.UNAVAILABLE, calls.SHUTTING_DOWN))
        self._close()

    def abort(self) -> None:
        self._transport.abort()

    # Internal

    def _on_quiet(self) -> None:
        if self._leaving and not self._streams.open:
            self._close()
        if self._lost and not self._streams.tasks and not self.gone.done():
            self.gone.set_result(None)

    def _check_greeting(self) -> None:
        if self._session.greeted:
            self._tick()
        else:
            self.abort()

    def _tick(self) -> None:
        """Ping a client after an interval of silence, and drop it after a second one."""
        if self._pinged and not self._heard:
            return self.abort()
        self._pinged = not self._heard
        self._heard = False
        if self._pinged:
            self._outbox.write(frames.frame(frames.PING, 0, 0, b"anybody?"))
        wait = self._limits.keepalive_timeout if self._pinged else self._limits.keepalive_interval
        self._timer = self._loop.call_later(wait, self._tick)
        return None

    def _depart(self, code: ErrorCode, reason: str) -> None:
        logger.debug("dropping a connection: %s, %s", code.name, reason)
        if self._session.greeted:
            self._outbox.write(frames.goaway(self._streams.last_call, code, reason))
        else:
            self._outbox.write(_NOT_HTTP_2)
        self._close()

    def _close(self) -> None:
        if self._closing:
            return
        self._closing = True
        self._timer.cancel()
        self._streams.abandon()
        self._outbox.flush()
        self._transport.close()
        self._timer = self._loop.call_later(self._limits.farewell, self.abort)
