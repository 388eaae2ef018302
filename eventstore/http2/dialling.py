"""From a node's address to a connection that carries one call: TCP, a Unix socket, TLS."""

import asyncio
import socket
import ssl
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any

from eventstore.connection import Node, host_of, socket_of
from eventstore.http2.call import Call, Listener
from eventstore.http2.fields import request


async def dial(node: Node, path: str, listener: Listener, seconds: float) -> Call:
    """A call to the gRPC method `path`. Nothing of it is sent before the server has answered as an HTTP/2 server.

    Tries all addresses of a name, and takes the first that is ready. Raises OSError, also TimeoutError.
    """
    ends = asyncio.get_running_loop().time() + seconds
    block = request(path, node.authority, "https" if node.tls else "http", node.fields)
    turns, calls = iter((True,)), list[Call]()

    def made() -> Call:
        calls.append(Call(block, listener, lambda: next(turns, False)))
        return calls[-1]

    async with asyncio.timeout_at(ends):
        places = await _places(node.target)
    chosen = None
    try:
        chosen = await _first([partial(_ready, node, place, made) for place in places], ends)
        return chosen
    finally:
        for call in calls:
            if call is not chosen:
                call.abort()


async def _first(tries: Sequence[Callable[[], Coroutine[Any, Any, Call]]], ends: float) -> Call:
    """Each try begins once one has failed, or a while after the one before. `ends` is a time of the event loop.

    Raises the error that says what is wrong with TLS, if one does: at another address may be no server at all.
    """
    loop = asyncio.get_running_loop()
    pause = (ends - loop.time()) / (2 * len(tries))
    waiting, running, errors = list(tries), set[asyncio.Task[Call]](), list[BaseException]()
    try:
        while (waiting or running) and (left := ends - loop.time()) > 0:
            if waiting:
                running.add(asyncio.create_task(waiting.pop(0)()))
            done, running = await asyncio.wait(
                running, timeout=pause if waiting else left, return_when=asyncio.FIRST_COMPLETED
            )
            failures = [error for each in done if (error := each.exception())]
            if len(failures) < len(done):
                return next(each.result() for each in done if not each.exception())
            errors += failures
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    late = [TimeoutError()] if waiting or running else []
    raise next((error for error in errors if isinstance(error, ssl.SSLError)), [*errors, *late][-1])


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
    await asyncio.shield(call.ready)
    return call


async def _wrapped(node: Node, connection: socket.socket, made: Callable[[], Call]) -> Call:
    loop = asyncio.get_running_loop()
    if connection.family == socket.AF_UNIX:
        return (await loop.create_unix_connection(made, sock=connection))[1]
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    host = host_of(node.target)[0] if node.tls else None
    return (await loop.create_connection(made, sock=connection, ssl=node.tls, server_hostname=host))[1]
