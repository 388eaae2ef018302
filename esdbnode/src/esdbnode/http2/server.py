"""Listening, making room for new connections, and shutting down."""

import asyncio
import logging
import resource
import socket
import ssl as tls
from collections.abc import Mapping
from typing import Any

from esdbnode.call import Handler
from esdbnode.http2 import memory
from esdbnode.http2.connection import Connection
from esdbnode.http2.limits import Limits
from esdbnode.wording import calls

logger = logging.getLogger(__name__)

_BACKLOG = 1024


class Server:
    """Made by `serve`. It listens on `port`, which the system may have chosen."""

    def __init__(self, routes: Mapping[str, Handler], limits: Limits) -> None:
        self._routes = routes
        self._limits = limits
        self._connections: dict[Connection, None] = {}
        self._crowd = 0
        self._listener: asyncio.Server

    async def _listen(self, where: tuple[str, int] | socket.socket, ssl: tls.SSLContext | None) -> None:
        loop = asyncio.get_running_loop()
        options: dict[str, Any] = {
            "ssl": ssl,
            "ssl_handshake_timeout": self._limits.greeting if ssl else None,
            "backlog": _BACKLOG,
        }
        if isinstance(where, socket.socket):
            self._listener = await loop.create_unix_server(self._accept, sock=where, **options)
        else:
            self._listener = await loop.create_server(self._accept, *where, **options)

    def _accept(self) -> Connection:
        return Connection(self._routes, self._limits, self._admit)

    @property
    def port(self) -> int:
        """0 on a Unix socket."""
        name = self._listener.sockets[0].getsockname()
        return name[1] if isinstance(name, tuple) else 0

    @property
    def connections(self) -> int:
        """The number of open connections, including those that are being closed."""
        return len(self._connections)

    async def close(self, grace: float = 1.0) -> None:
        """Take no new calls, give the open ones `grace` seconds, then end them with UNAVAILABLE.

        Afterwards every handler's task has ended. A task that ignores its cancellation is logged.
        """
        self._listener.close()
        connections = list(self._connections)
        for connection in connections:
            connection.leave()
        await _gone(connections, grace)
        for connection in list(self._connections):
            connection.expel()
        await _gone(list(self._connections), self._limits.farewell)
        for connection in list(self._connections):
            connection.abort()
        await _gone(list(self._connections), self._limits.farewell)
        if self._connections:
            logger.error(calls.handlers_ignore_cancelling(len(self._connections)))

    def _admit(self, newcomer: Connection) -> None:
        if len(self._connections) >= min(self._limits.connections, _affordable()):
            self._make_room(newcomer)
        self._connections[newcomer] = None
        self._crowd = max(self._crowd, len(self._connections))
        newcomer.gone.add_done_callback(lambda _: self._forget(newcomer))

    def _forget(self, connection: Connection) -> None:
        self._connections.pop(connection, None)
        if self._crowd >= memory.CROWD and len(self._connections) * 4 < self._crowd:
            self._crowd = 0
            asyncio.get_running_loop().call_later(1, memory.give_back)

    def _make_room(self, newcomer: Connection) -> None:
        idle = next((connection for connection in self._connections if connection.idle), newcomer)
        idle.leave()


def _affordable() -> int:
    """The most connections that leave a quarter of the process's open files for everything else."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return soft * 3 // 4 if soft > 0 else 2**31


async def _gone(connections: list[Connection], seconds: float | None) -> None:
    if connections:
        await asyncio.wait([connection.gone for connection in connections], timeout=seconds)


async def serve(
    routes: Mapping[str, Handler],
    where: tuple[str, int] | socket.socket,
    *,
    ssl: tls.SSLContext | None = None,
    limits: Limits | None = None,
) -> Server:
    """Serve `routes` (RPC path -> handler) until `Server.close`.

    `where`: host and port, of which port 0 lets the system choose, or a bound Unix socket. Raises OSError if it cannot
    listen there. With `ssl`, clients choose `h2` by ALPN.
    """
    if ssl is not None:
        ssl.set_alpn_protocols(["h2"])
    server = Server(routes, limits or Limits())
    await server._listen(where, ssl)
    return server
