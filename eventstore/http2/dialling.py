"""From a node's address to a connection that carries one call: TCP, a Unix socket, TLS."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

from eventstore.connection import Node, host_of, socket_of
from eventstore.http2.call import Call, Listener
from eventstore.http2.fields import request


async def dial(node: Node, path: str, listener: Listener, seconds: float) -> Call:
    """A call to the gRPC method `path`. Nothing of it is sent before the server has answered as an HTTP/2 server.

    A name that stands for several hosts: each has its share of `seconds`. Raises OSError, also TimeoutError.
    """
    block = request(path, node.authority, "https" if node.tls else "http", node.fields)

    def made() -> Call:
        return Call(block, listener)

    error: OSError = ConnectionRefusedError()
    places = await _places(node.target)
    for place in places:
        try:
            async with asyncio.timeout(seconds / len(places)):
                return await _ready(node, place, made)
        except OSError as failure:
            error = failure
    raise error


_Place = tuple[int, Any]
"""A family of addresses, and an address in it."""


async def _places(target: str) -> list[_Place]:
    path = socket_of(target)
    if path is not None:
        return [(socket.AF_UNIX, path)]
    host, port = host_of(target)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise ConnectionRefusedError from error
    return [(family, address) for family, _, _, _, address in found]


async def _ready(node: Node, place: _Place, made: Callable[[], Call]) -> Call:
    connection = socket.socket(place[0], socket.SOCK_STREAM)
    try:
        connection.setblocking(False)
        await asyncio.get_running_loop().sock_connect(connection, place[1])
        call = await _wrapped(node, connection, made)
    except BaseException:
        connection.close()
        raise
    try:
        await call.ready
    except BaseException:
        call.abort()
        raise
    return call


async def _wrapped(node: Node, connection: socket.socket, made: Callable[[], Call]) -> Call:
    loop = asyncio.get_running_loop()
    if connection.family == socket.AF_UNIX:
        return (await loop.create_unix_connection(made, sock=connection))[1]
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    host = host_of(node.target)[0] if node.tls else None
    return (await loop.create_connection(made, sock=connection, ssl=node.tls, server_hostname=host))[1]
