"""The HTTP server around an application for tests. Run as `python -m tests.kit.edge_server LIMITS`, which is JSON.

It prints `Web is up at HOST:PORT`. `/held/NAME` and `/held-body/NAME` wait for a request to `/release/NAME`, the latter
before it reads its body; `/early` answers without reading it; `/live` sends events for ever, and `/large` 16 MB;
`/parts` writes at once as far as the client takes it; `/broken` fails in the middle. Everything else answers with what
it got, as JSON.
"""

import asyncio
import json
import logging
import sys
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec

from app.processes.listening import listening
from web.http.answers import unfailing
from web.http.limits import Limits
from web.http.parts import writer
from web.http.requests import identified
from web.http.server import App, serve

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]

BEAT_SECONDS: Final = 0.05
BLOCK: Final = bytes(64 * 1024)
BLOCKS: Final = 256


class Application:
    def __init__(self) -> None:
        self._released: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Any, receive: Receive, send: Send) -> None:
        match scope["path"]:
            case "/live":
                await _live(send)
            case "/large":
                await _large(send)
            case "/broken":
                await _broken(send)
            case "/parts":
                await _parts(scope, send)
            case "/early":
                await _say(send, {}, status=413)
            case path:
                await self._echo(path, scope, receive, send)

    async def _echo(self, path: str, scope: Any, receive: Receive, send: Send) -> None:
        _, action, name = f"{path}/".split("/", 2)
        if action == "release":
            self._released[name].set()
        if action == "held-body":
            await self._released[name].wait()
        size = await _read(receive)
        if size is None:
            return
        if action == "held":
            await self._released[name].wait()
        headers = [[name.decode("latin-1"), value.decode("latin-1")] for name, value in scope["headers"]]
        await _say(send, {"path": path, "headers": headers, "bytes": size})


async def _lifespan(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


async def _read(receive: Receive) -> int | None:
    """The length of the body, None if the client has left."""
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return None
        size += len(message["body"])
        more = message["more_body"]
    return size


async def _live(send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    while True:
        await send({"type": "http.response.body", "body": b"event: beat\ndata: 1\n\n", "more_body": True})
        await asyncio.sleep(BEAT_SECONDS)


async def _broken(send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"a", "more_body": True})
    raise OSError("gone")


async def _large(send: Send) -> None:
    length = str(BLOCKS * len(BLOCK)).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
    for _ in range(BLOCKS):
        await send({"type": "http.response.body", "body": BLOCK, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _parts(scope: Any, send: Send) -> None:
    """Ends by how often the client took no more, and how often something was written that should not be."""
    write = writer(scope)
    wrong, refused = int(write(b"too early")), 0
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for number in range(BLOCKS):
        part = b"%d" % number + BLOCK
        if not write(part):
            refused += 1
            await send({"type": "http.response.body", "body": part, "more_body": True})
    end = b"%d %d" % (refused, wrong)
    await send({"type": "http.response.body", "body": end, "more_body": False})
    write(b"too late")


async def _say(send: Send, answer: object, status: int = 200) -> None:
    body = json.dumps(answer).encode()
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [length]})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def main() -> None:
    logging.basicConfig(level="INFO")
    limits = msgspec.json.decode(sys.argv[1], type=Limits)
    with listening("127.0.0.1", 0) as listener:
        print(f"Web is up at 127.0.0.1:{listener.getsockname()[1]}", flush=True)
        serve(App(identified(unfailing(Application())), lambda: None), listener, limits)


if __name__ == "__main__":
    main()
