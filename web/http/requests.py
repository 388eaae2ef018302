"""The current request: its id, what it belongs to, its fields for log lines, and the one line about its refusal."""

import logging
from contextvars import ContextVar
from secrets import token_hex
from time import perf_counter
from typing import Final

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, ReceiveMessage, Scope, Send

from domain.quoting import shortened
from web import messages
from web.http.correlation import Correlation, correlation_of

HEADER: Final = b"x-request-id"
"""Every answer has the id of its request, so that the request can be found in the log."""
_UNREADY: Final = "/health/ready"
"""It is asked again and again until it says 200, which is not a failure each time. `web.system.health` logs changes."""

_log: Final = logging.getLogger("daybook.web")


def new_id() -> str:
    return token_hex(8)


class _Request:
    """A HEAD is a GET whose body the server leaves out: `method` is as it was sent, `scope` has GET.

    `reason` is why it is refused or fails; `is_left`: the client did not wait for the end.
    """

    def __init__(self, sent: HTTPScope) -> None:
        self.id, self.method = new_id(), sent["method"]
        self.scope: HTTPScope = {**sent, "method": "GET"} if self.method == "HEAD" else sent
        self.correlation = correlation_of(sent["headers"])
        self.reason, self.is_left, self.is_answered = "", False, False
        self._started = perf_counter()

    def headers(self) -> list[tuple[bytes, bytes]]:
        """For the answer."""
        return [(HEADER, self.id.encode()), *self.correlation.headers()]

    def log(self, status: int) -> None:
        """A refusal or a failure is one line, in which the client's words are escaped (app.logs)."""
        milliseconds = 1000 * (perf_counter() - self._started)
        if self.is_left and not self.reason:
            _log.debug(messages.CLIENT_LEFT)
        elif status < 400 or self.scope["path"] == _UNREADY:
            _log.debug("%d after %.1f ms", status, milliseconds)
        else:
            level = logging.ERROR if status >= 500 else logging.INFO
            _log.log(level, "%d after %.1f ms: %s", status, milliseconds, self.reason)

    def log_break(self) -> None:
        """The answer began, and its rest cannot be sent."""
        if self.reason:
            _log.error(messages.answer_breaks_off(self.reason))
        else:
            _log.debug(messages.CLIENT_LEFT)


_current: Final[ContextVar[_Request]] = ContextVar("request")


def correlation() -> Correlation:
    """Of the current request. Raises LookupError outside of a request."""
    return _current.get().correlation


def refused(reason: str) -> None:
    """Keep for the log line why the current request is refused or fails."""
    if found := _current.get(None):
        found.reason = reason


def is_head() -> bool:
    """Whether the current request, a GET for everything else, is a HEAD."""
    found = _current.get(None)
    return found is not None and found.method == "HEAD"


def is_left() -> bool:
    """Whether the client of the current request is gone."""
    found = _current.get(None)
    return found is not None and found.is_left


def broken_off() -> bool:
    """Whether the answer had begun. If so, there is a log line about its end."""
    found = _current.get(None)
    if found is None or not found.is_answered:
        return False
    found.log_break()
    return True


def context() -> dict[str, str]:
    """`request`, `correlation`, `actor` and `route` of the current request, and `trace` and `span` if it is part of a
    trace; empty outside of a request.
    """
    found = _current.get(None)
    if found is None:
        return {}
    scope, correlation = found.scope, found.correlation
    route = scope.get("path_template") or shortened(scope["path"])
    return {
        "request": found.id,
        "correlation": correlation.id,
        **dict(zip(("trace", "span"), correlation.trace or (), strict=False)),
        "actor": _actor(scope),
        "route": f"{found.method} {route}",
    }


def _actor(scope: HTTPScope) -> str:
    """The part of the web process that gives commands, as long as there is no sign-in."""
    return "api" if scope["path"].startswith("/api/") else "web"


def identified(app: ASGIApp) -> ASGIApp:
    """`app`, with an id and a correlation id for each request."""

    async def with_id(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        request = _Request(scope)
        token = _current.set(request)
        try:
            await app(request.scope, _watched(receive, request), _answering(send, request))
        finally:
            _current.reset(token)

    return with_id


def _watched(receive: Receive, request: _Request) -> Receive:
    async def receive_watched() -> ReceiveMessage:
        message = await receive()
        request.is_left = request.is_left or message["type"] == "http.disconnect"
        return message

    return receive_watched


def _answering(send: Send, request: _Request) -> Send:
    async def send_answer(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *request.headers()]
            request.is_answered = True
            request.log(message["status"])
        try:
            await send(message)
        except OSError:
            request.is_left = True
            raise

    return send_answer
