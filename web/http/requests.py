"""The current request: its id, what it belongs to, and its fields for log lines."""

import logging
from contextvars import ContextVar
from time import perf_counter
from typing import Final
from uuid import uuid4

import msgspec
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from web.http.correlation import Correlation, correlation_of

HEADER: Final = b"x-request-id"
"""Every answer has the id of its request, so that the request can be found in the log."""

_log: Final = logging.getLogger("daybook.web")


class _Request(msgspec.Struct, frozen=True):
    id: str
    correlation: Correlation
    scope: HTTPScope


_current: Final[ContextVar[_Request]] = ContextVar("request")


def correlation() -> Correlation:
    """Of the current request. Raises LookupError outside of a request."""
    return _current.get().correlation


def context() -> dict[str, str]:
    """`request`, `correlation`, `actor` and `route` of the current request, and `trace` and `span` if it is part of a
    trace; empty outside of a request.
    """
    found = _current.get(None)
    if found is None:
        return {}
    scope, correlation = found.scope, found.correlation
    route = scope.get("path_template") or scope["path"]
    return {
        "request": found.id,
        "correlation": correlation.id,
        **dict(zip(("trace", "span"), correlation.trace or (), strict=False)),
        "actor": _actor(scope),
        "route": f"{scope['method']} {route}",
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
        started, request = perf_counter(), _Request(uuid4().hex[:16], correlation_of(scope["headers"]), scope)
        own = [(HEADER, request.id.encode()), *request.correlation.headers()]
        token = _current.set(request)

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *own]
                _log.debug("%d after %.1f ms", message["status"], 1000 * (perf_counter() - started))
            await send(message)

        try:
            await app(scope, receive, send_with_id)
        finally:
            _current.reset(token)

    return with_id
