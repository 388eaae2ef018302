"""One process that serves a log.

Prints `Node is up at HOST:PORT`, or `Node is up at unix:PATH`, when it listens. SIGTERM and SIGINT end it within a
second or two; all acknowledged events are on disk. If the port is busy or the data file unusable, it says so in one
line on standard error.
"""

import argparse
import asyncio
import errno
import ipaddress
import signal
import socket
import sys
from collections.abc import Coroutine
from contextlib import AsyncExitStack, suppress
from typing import Any

from esdbnode.access import Admit, admit_anyone
from esdbnode.http2 import Server, serve
from esdbnode.projections import follow
from esdbnode.security.access_control import AccessControl
from esdbnode.security.refusal import CannotSecure
from esdbnode.security.setup import Security, security_of
from esdbnode.service import routes
from esdbnode.storage.database import CannotOpen
from esdbnode.storage.log import Log
from esdbnode.unix_socket import listener_at
from esdbnode.wording import startup

GRACE_SECONDS = 0.3


class CannotStart(Exception):
    """The node cannot run; the message says what is wrong, where and what to do."""


def run(arguments: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT. Returns the exit code: 2 if the node could not start."""
    try:
        _run(_serve(arguments))
    except (CannotStart, CannotOpen, CannotSecure) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _run(serving: Coroutine[Any, Any, None]) -> None:
    """On uvloop if it is installed, which takes less CPU."""
    try:
        from uvloop import run
    except ImportError:
        asyncio.run(serving)
    else:
        run(serving)


async def _serve(given: argparse.Namespace) -> None:
    opened = security_of(given.host, given.tls_cert, given.tls_key, given.users)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with AsyncExitStack() as ending:
        log = Log(given.data)
        ending.push_async_callback(log.close)
        control = AccessControl(log, opened.users) if opened.users else None
        if control:
            ending.callback(control.close)
        admit = control.admit if control else admit_anyone
        server = await _listen(log, admit, opened, given)
        if given.socket:
            ending.callback(given.socket.unlink, missing_ok=True)
        where = f"unix:{given.socket}" if given.socket else f"{given.host}:{server.port}"
        print(f"Node is up at {where}", flush=True)
        tasks: list[asyncio.Task[object]] = [asyncio.create_task(stop.wait())]
        if given.projections:
            tasks.append(asyncio.create_task(follow(log)))
        ended, running = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        await server.close(GRACE_SECONDS)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    for task in ended:
        task.result()


async def _listen(log: Log, admit: Admit, opened: Security, given: argparse.Namespace) -> Server:
    server: Server

    def bound() -> int:
        return server.port

    handlers = routes(log, advertised(given.host), bound, admit)
    try:
        where = listener_at(given.socket) if given.socket else (given.host, given.port)
        server = await serve(handlers, where, ssl=opened.tls)
    except OSError as error:
        why = startup.IN_USE if error.errno == errno.EADDRINUSE else str(error.strerror or error)
        if given.socket:
            raise CannotStart(startup.cannot_make_socket(str(given.socket), why)) from error
        raise CannotStart(startup.cannot_listen(given.host, given.port, why)) from error
    return server


def advertised(host: str) -> str:
    """The host that Gossip gives to clients: 0.0.0.0 and :: are not addresses that a client can use."""
    with suppress(ValueError):
        if ipaddress.ip_address(host).is_unspecified:
            return socket.getfqdn()
    return host
