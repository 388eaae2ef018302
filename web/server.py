"""The HTTP server: one process. On SIGTERM it lets open pages go, finishes what was asked, and exits with 0."""

import asyncio
import logging
import signal
import socket
from types import FrameType

import uvicorn

from web.app import App

GRACE_SECONDS = 2


class Server(uvicorn.Server):
    """uvicorn alone waits for streams to end by themselves, and dies of the signal that it was sent."""

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
        self._app.hub.drain()
        await asyncio.sleep(0)
        await super().shutdown(sockets)


def serve(app: App, listener: socket.socket) -> None:
    """Serve on a socket that listens already, until SIGTERM or SIGINT."""
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    Server(app).run(sockets=[listener])
