"""The methods of each address: for OPTIONS, and for `Allow` when a method is refused (RFC 9110, section 15.5.6).

Litestar's own answer to OPTIONS has the methods that an address had when the first of its handlers was registered.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from litestar.enums import ScopeType
from litestar.routes import BaseRoute, HTTPRoute
from litestar.types import ASGIApp, Receive, Scope, Send

_PARAMETER: Final = re.compile(r"\{\w+:(\w+)\}")
_ALWAYS: Final = frozenset({"OPTIONS"})
_READING: Final = frozenset({"GET", "HEAD"})


class Methods:
    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        self._known = [(_pattern(route.path), _methods(route)) for route in routes]

    def allowed(self, path: str) -> str:
        """The value of `Allow`; empty if nothing has that address. `*` is the server as a whole."""
        here = re.sub("/+", "/", path).rstrip("/") or "/"
        found = [methods for pattern, methods in self._known if path == "*" or pattern.fullmatch(here)]
        return ", ".join(sorted(frozenset().union(*found)))


def _methods(route: BaseRoute) -> frozenset[str]:
    """Those of an ASGI application that serves an address by itself: it is only read."""
    methods = frozenset(route.methods) if isinstance(route, HTTPRoute) else _READING
    return methods | _ALWAYS | (_READING if "GET" in methods else frozenset())


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile("".join(_parts(path)), re.DOTALL)


def _parts(path: str) -> Iterator[str]:
    for number, part in enumerate(_PARAMETER.split(path)):
        if number % 2 == 0:
            yield re.escape(part)
        else:
            yield ".*" if part == "path" else "[^/]+"


def answering_options(app: ASGIApp, methods: Methods) -> ASGIApp:
    """`app`, with answers to OPTIONS."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        allowed = ""
        if scope["type"] == ScopeType.HTTP and scope["method"] == "OPTIONS":
            allowed = methods.allowed(scope["path"])
        if not allowed:
            await app(scope, receive, send)
            return
        headers = [(b"allow", allowed.encode()), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 204, "headers": headers})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    return answer
