"""GET /live: server-sent events. Source: https://html.spec.whatwg.org/multipage/server-sent-events.html

With `once=1` the answer ends after what the page missed, and a heartbeat: for a page without a stream of its own.

This module writes the bytes itself: line ends are `\\n` (htmx splits a CRLF that falls between two chunks), and all
waiting messages are sent at once.
"""

import asyncio
from typing import Final

from litestar import asgi
from litestar.datastructures import Headers
from litestar.enums import ScopeType
from litestar.types import HTTPScope, Receive, Scope, Send

from web import messages
from web import messages_on_input as on_input
from web.http import requests
from web.http.answers import send_problem
from web.http.codes import FieldCode
from web.http.inputs import BadText, Fields, yes_or_no
from web.http.pairs import decoded
from web.http.parameters import LATEST, PARAMETERS, check_parameters
from web.http.parts import never, writer
from web.http.problems import RETRY_AFTER, http_problem
from web.http.rendering import MOST_TOPICS
from web.live.hub import Hub
from web.live.waiting import Client
from web.messages import Explanation

TOPICS: Final = "accounts,feed,totals"
"""The topics of a request that names none."""
SEND_SECONDS: Final = 30.0
"""Seconds. A page that accepts no data for this time counts as closed."""
_HEADERS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


@asgi("/live", copy_scope=False, opt={PARAMETERS: ("topics", "after", "once")})
async def live(scope: Scope, receive: Receive, send: Send) -> None:
    check_parameters(scope)
    if scope["type"] != ScopeType.HTTP or scope["method"] != "GET":
        allow = scope["litestar_app"].state.methods.allowed("/live")
        await _refuse(send, 405, messages.LIVE_IS_READ_ONLY, (b"allow", allow.encode()))
        return
    hub: Hub = scope["litestar_app"].state.hub
    topics, seen, once = _asked(scope)
    if len(topics) > MOST_TOPICS or not all(map(hub.regions.knows, topics)):
        detail = messages.unknown_topics(MOST_TOPICS, hub.regions.topics)
        await _refuse(send, 400, Explanation(messages.UNKNOWN_TOPICS, detail))
    elif not hub.has_place_for(address := _address(scope)):
        await _refuse(send, 503, messages.TOO_MANY_LIVE_PAGES, (b"retry-after", RETRY_AFTER.encode()))
    elif requests.is_head():
        await _head(send)
    else:
        client = Client(topics, address, never if once else writer(scope))
        await _stream(hub, client, await hub.known(seen), receive, send, once=once)


def _asked(scope: HTTPScope) -> tuple[frozenset[str], int | None, bool]:
    """The topics, the last position that the page shows, and whether the answer ends. Raises BadInput.

    A browser sends the id of the last event by itself; one that is not a position is as none.
    """
    fields = Fields(dict(decoded(scope["query_string"])))
    topics = fields.read("topics", str, TOPICS).split(",")
    after = fields.read("after", _position, None)
    once = fields.read("once", yes_or_no, False)
    fields.check()
    last = Fields({"id": Headers.from_scope(scope).get("last-event-id")}).read("id", _position, None)
    return frozenset(topics), last or after, once


async def _head(send: Send) -> None:
    """As a GET, whose body never ends, without the body."""
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _stream(
    hub: Hub, client: Client, seen: int | None, receive: Receive, send: Send, *, once: bool
) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    watch = asyncio.create_task(_watch(client, receive))
    hub.join(client, seen)
    try:
        while not client.closed:
            await client.wake.wait()
            payload = client.take()
            if payload:
                async with asyncio.timeout(SEND_SECONDS):
                    await send({"type": "http.response.body", "body": payload, "more_body": True})
            client.is_sending = False
            if once and not client.behind:
                break
        async with asyncio.timeout(1):
            await send({"type": "http.response.body", "body": client.take(), "more_body": False})
    except (TimeoutError, OSError):
        pass
    finally:
        hub.leave(client)
        watch.cancel()


async def _watch(client: Client, receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    client.close()


def _address(scope: HTTPScope) -> str:
    client = scope["client"]
    return client[0] if client else ""


def _position(text: str) -> int:
    """Raises BadText."""
    if text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= LATEST:
        return int(text)
    raise BadText(FieldCode.INVALID_PARAMETER, on_input.not_a_position(text))


async def _refuse(send: Send, status: int, explanation: Explanation, *headers: tuple[bytes, bytes]) -> None:
    requests.refused(explanation.advice)
    await send_problem(send, http_problem(status, *explanation), *headers)
