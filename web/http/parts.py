"""Parts of an answer that are written at once, without a task that waits: for streams that many clients listen to.

It is an extension of ASGI that the server offers (https://asgi.readthedocs.io/en/latest/extensions.html). `send` costs
nearly three times as much, because a task has to be woken for it.
"""

import weakref
from collections.abc import Callable
from typing import Any, Final, cast

from litestar.types import Scope
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

EXTENSION: Final = "daybook.parts"

Write = Callable[[bytes], bool]


def offer(cycle: RequestResponseCycle) -> None:
    """To the application that answers it. A plain reference would be garbage in a cycle, after each request."""
    cast(dict[str, Any], cycle.scope)["extensions"] = {EXTENSION: weakref.ref(cycle)}


def never(part: bytes) -> bool:
    return False


def writer(scope: Scope) -> Write:
    """Writes a part of the answer to the request, which has begun and whose length is not stated.

    False: nothing is written, because the client takes no more for now, or the server does not offer it. Then `send`
    has to be awaited.
    """
    offered = cast(dict[str, Any], scope.get("extensions") or {}).get(EXTENSION)
    if offered is None:
        return never
    cycle = offered()

    def write(part: bytes) -> bool:
        is_open = cycle.chunked_encoding and not (cycle.disconnected or cycle.response_complete)
        if not is_open or cycle.flow.write_paused:
            return False
        cycle.transport.write(b"%x\r\n%b\r\n" % (len(part), part))
        return True

    return write
