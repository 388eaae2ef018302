"""One connection: uvicorn's, with bounds on what it reads until a request is whole, and on how long it waits for it."""

import asyncio
import logging
from typing import Any, Final
from uuid import uuid4

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from web import messages_on_connections as messages
from web.http import heads, parts, refusals, requests
from web.http.patience import Patience, Phase
from web.http.refusals import Refused
from web.http.room import Room

_log: Final = logging.getLogger("daybook.web")


class Connection(HttpToolsProtocol):
    """Requests are answered one after the other; `cycle` is the newest, and those in `pipeline` have not begun."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        assert isinstance(server_state, Room)
        self._room = server_state
        self._limits = server_state.limits
        self._patience = Patience(self._limits, self.loop.time())
        self.has_place = True
        self._begun = self._headed = False
        """Of the request that is being read: whether it has begun and is not whole, and whether its headers are."""
        self._has_asked = False
        """Whether there has been a request."""
        self._is_useful = False
        self._is_split = False
        """Whether its head began in an earlier piece. One that is in a single piece is not too large."""
        self._useless_bytes = self._body_bytes = 0
        self._is_deaf = False
        """What comes after a refused request is not read."""
        self._postponed: Refused | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.has_place = self._room.enter(self)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._room.leave(self)

    # What is read

    def data_received(self, data: bytes) -> None:
        """In pieces of at most the size of a head: the parser copies what it has of a header when more of it comes."""
        size = self._limits.head_bytes
        if len(data) <= size:
            self._read(data)
        else:
            for start in range(0, len(data), size):
                self._read(data[start : start + size])
        self._settle()

    def _read(self, piece: bytes) -> None:
        if self._is_deaf:
            return
        self._is_useful, self._is_split = False, self._begun and not self._headed
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserUpgrade:
            return  # it is answered as if it had not asked, and the connection ends
        except httptools.HttpParserError as error:
            cause = error.__context__
            self._refuse(cause if isinstance(cause, Refused) else Refused(400, messages.NOT_HTTP))
            return
        self._useless_bytes = 0 if self._is_useful else self._useless_bytes + len(piece)
        if self._useless_bytes > self._limits.head_bytes or self._has_too_many_headers():
            self._refuse(refusals.head_too_large(self._limits))

    def _has_too_many_headers(self) -> bool:
        """Trailers too."""
        return self._begun and len(self.headers) > self._limits.headers

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._begun, self._headed, self._body_bytes = True, False, 0

    def on_headers_complete(self) -> None:
        upgrades = self.parser.should_upgrade()
        version = self.parser.get_http_version()
        if self._is_split and heads.size(self.url, self.headers) > self._limits.head_bytes:
            raise refusals.head_too_large(self._limits)
        heads.check(version, self.url, self.headers, self._limits, upgrades=upgrades)
        if not self.has_place:
            raise Refused(503, messages.FULL)
        if len(self.pipeline) >= self._limits.waiting:
            raise Refused(429, messages.TOO_MANY_AT_ONCE)
        super().on_headers_complete()
        parts.offer(self.cycle)
        if upgrades:
            self.cycle.keep_alive = False
        self.headers = []  # trailers come here, and so are no headers of the request
        self._headed = self._has_asked = self._is_useful = True

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        self._is_useful = True
        self._body_bytes += len(body)
        if self._body_bytes >= self._limits.body_bytes and not self.cycle.response_complete:
            self._body_bytes = 0
            self._hear()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._is_useful, self._begun = True, False

    def on_response_complete(self) -> None:
        """As uvicorn's, without its timer for idle connections: `look` ends them too."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        elif self._postponed is not None:
            self._answer(self._postponed)
            return
        self._settle()

    # How long it waits

    def resume_writing(self) -> None:
        super().resume_writing()
        self._patience.taken(self.loop.time())

    def look(self, now: float) -> None:
        """Ends the connection if its time is over."""
        unread = self.transport.get_write_buffer_size()
        if self._patience.is_unread(unread, now):
            self.transport.abort()
        elif unread or self._waits_for_the_application():
            self._hear()
        elif self._patience.is_over(now):
            self._end()

    def _end(self) -> None:
        if self._patience.phase in (Phase.HEAD, Phase.BODY):
            self._refuse(Refused(408, messages.TOO_SLOW))
        else:
            self.close()

    def close(self) -> None:
        """At once: an answer that the client does not take would keep the connection open."""
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            self.transport.close()

    def _settle(self) -> None:
        phase = self._expected()
        if phase is not self._patience.phase:
            self._enter(phase)

    def _expected(self) -> Phase:
        if self._patience.phase is Phase.LEAVING:
            return Phase.LEAVING
        if self._is_answering() and (self.pipeline or not self._is_in_body()):
            return Phase.ANSWER
        if self._begun:
            return Phase.BODY if self._headed else Phase.HEAD
        return Phase.IDLE if self._has_asked else Phase.SILENT

    def _enter(self, phase: Phase) -> None:
        """The first head has the time since the connection was made, and so has nobody twice the time."""
        before, self._patience.phase = self._patience.phase, phase
        if phase is Phase.ANSWER:
            self._room.no_longer_waits(self)
        elif before is not Phase.SILENT or phase is not Phase.HEAD:
            self._hear()

    def _hear(self) -> None:
        self._patience.since = self.loop.time()
        if self._patience.phase is not Phase.ANSWER:
            self._room.waits(self)

    def _waits_for_the_application(self) -> bool:
        """It takes no more of the body for now, or has not asked for it."""
        if self._patience.phase is not Phase.BODY:
            return False
        return self.flow.read_paused or self.cycle.waiting_for_100_continue

    def _is_answering(self) -> bool:
        return self._has_asked and not self.cycle.response_complete

    def _is_in_body(self) -> bool:
        return self._begun and self._headed

    # What is refused

    def _refuse(self, refused: Refused) -> None:
        """After the answers to earlier requests. If the answer to this one has begun, the connection just ends."""
        in_body, self._begun, self._is_deaf = self._is_in_body(), False, True
        if not self._is_answering():
            self.close() if in_body else self._answer(refused)
        elif not in_body:
            self._postponed = refused
        elif self.pipeline:
            self.pipeline.popleft()
            self._postponed = refused
        elif self.cycle.response_started:
            self.close()
        else:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
            self._answer(refused)

    def _answer(self, refused: Refused) -> None:
        """A connection that is closed with something unread is reset, and the answer may be lost: so it reads on."""
        if self.transport.is_closing():
            return
        request, correlation = requests.new_id(), str(uuid4())
        client = self.client[0] if self.client else ""
        _log.info(
            "%s",
            messages.refused(client, refused.status, refused.explanation.title),
            extra={"request": request, "correlation": correlation},
        )
        headers = (*self.server_state.default_headers, *refusals.identified(request, correlation))
        self.transport.write(refusals.answer(refused, headers))
        self.transport.write_eof()
        self.flow.resume_reading()
        self._enter(Phase.LEAVING)
