"""The HTTP server: one process. On SIGTERM it ends live updates, finishes its requests, and exits with 0."""

import asyncio
import logging
import signal
import socket
from collections.abc import Callable
from types import FrameType
from typing import Final

import uvicorn
from litestar.types import ASGIApp

from web.http.connection import Connection
from web.http.limits import BACKLOG, Limits
from web.http.room import Room
from web.http.security import HEADERS

GRACE_SECONDS = 2
LOOK_TICKS: Final = 5
"""uvicorn has ten ticks a second. A look at 4,000 connections takes about 6 ms."""

_BROKEN_OFF: Final = "ASGI callable returned without completing response."


class App:
    """`asgi` is the application; `drain` ends the streams that do not end by themselves, before the server stops."""

    def __init__(self, asgi: ASGIApp, drain: Callable[[], None]) -> None:
        self.asgi = asgi
        self.drain = drain


class Server(uvicorn.Server):
    """Without this, uvicorn waits until streams end by themselves, and its exit status is that of the signal."""

    def __init__(self, app: App, limits: Limits) -> None:
        super().__init__(
            uvicorn.Config(
                app.asgi,
                http=Connection,
                loop="uvloop",
                ws="none",
                lifespan="on",
                access_log=False,
                log_config=None,
                server_header=False,
                headers=[(name.decode(), value.decode()) for name, value in HEADERS],
                backlog=BACKLOG,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )
        self._app = app
        self.server_state = self._room = Room(limits)

    async def on_tick(self, counter: int) -> bool:
        if counter % LOOK_TICKS == 0:
            self._room.look()
        return await super().on_tick(counter)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._app.drain()
        await asyncio.sleep(0)
        await super().shutdown(sockets)


def serve(app: App, listener: socket.socket, limits: Limits | None = None) -> None:
    """Serve on a socket that listens already, until SIGTERM or SIGINT. A limit of open files is raised if it can be."""
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    logging.getLogger("uvicorn.error").addFilter(_is_news)
    Server(app, (limits or Limits()).within_open_files()).run(sockets=[listener])


def _is_news(line: logging.LogRecord) -> bool:
    """The application says itself why an answer breaks off (web.http.requests); uvicorn says only that it does."""
    return line.msg != _BROKEN_OFF
