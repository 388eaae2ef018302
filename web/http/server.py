"""The HTTP server: one process. On SIGTERM it ends live updates, finishes its requests, and exits with 0."""

import asyncio
import logging
import signal
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn
from litestar.types import ASGIApp

GRACE_SECONDS = 2


class App:
    """`asgi` is the application; `drain` ends the streams that do not end by themselves, before the server stops."""

    def __init__(self, asgi: ASGIApp, drain: Callable[[], None]) -> None:
        self.asgi = asgi
        self.drain = drain


class Server(uvicorn.Server):
    """Without this, uvicorn waits until streams end by themselves, and its exit status is that of the signal."""

    def __init__(self, app: App) -> None:
        super().__init__(
            uvicorn.Config(
                app.asgi,
                http="httptools",
                loop="uvloop",
                ws="none",
                lifespan="on",
                access_log=False,
                log_config=None,
                server_header=False,
                timeout_keep_alive=75,
                timeout_graceful_shutdown=GRACE_SECONDS,
                limit_concurrency=4_000,
            )
        )
        self._app = app

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._app.drain()
        await asyncio.sleep(0)
        await super().shutdown(sockets)


def serve(app: App, listener: socket.socket) -> None:
    """Serve on a socket that listens already, until SIGTERM or SIGINT."""
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    Server(app).run(sockets=[listener])
