"""The current request: its id, and its fields for log lines."""

import logging
from contextvars import ContextVar
from time import perf_counter
from typing import Final
from uuid import uuid4

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

HEADER: Final = b"x-request-id"
"""Every answer has the id of its request, so that the request can be found in the log."""

_log: Final = logging.getLogger("daybook.web")
_current: Final[ContextVar[tuple[str, HTTPScope] | None]] = ContextVar("request", default=None)


def context() -> dict[str, str]:
    """`request`, `actor` and `route` of the current request; empty outside of a request."""
    found = _current.get()
    if found is None:
        return {}
    identifier, scope = found
    route = scope.get("path_template") or scope["path"]
    return {"request": identifier, "actor": _actor(scope), "route": f"{scope['method']} {route}"}


def _actor(scope: HTTPScope) -> str:
    """The part of the web process that gives commands, as long as there is no sign-in."""
    return "api" if scope["path"].startswith("/api/") else "web"


def identified(app: ASGIApp) -> ASGIApp:
    """`app`, with an id for each request."""

    async def with_id(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        identifier, started = uuid4().hex[:16], perf_counter()
        token = _current.set((identifier, scope))

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (HEADER, identifier.encode())]
                _log.debug("%d after %.1f ms", message["status"], 1000 * (perf_counter() - started))
            await send(message)

        try:
            await app(scope, receive, send_with_id)
        finally:
            _current.reset(token)

    return with_id
