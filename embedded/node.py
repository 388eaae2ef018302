"""The node as a process: `python -m embedded.node --port P --data FILE`, or `--memory`.

Beyond this machine it listens only with TLS and users: `--host H --tls-cert F --tls-key F --users F`.

Prints `Node is up at HOST:PORT` when it listens. SIGTERM and SIGINT end it within a second or two; what was
acknowledged is on disk. A busy port or an unusable data file is one sentence on standard error and exit code 2.
"""

import argparse
import asyncio
import errno
import signal
import socket
import sys
from contextlib import AsyncExitStack
from pathlib import Path

from embedded.access import Admit, admit_anyone
from embedded.doors.keeper import Keeper
from embedded.doors.opening import Doors, doors
from embedded.doors.refusal import CannotOpenDoors
from embedded.http2 import Server, serve
from embedded.projections import follow
from embedded.service import routes
from embedded.storage.database import CannotOpen
from embedded.storage.log import Log

GRACE_SECONDS = 0.3


class CannotStart(Exception):
    """The node cannot run; the message says what is wrong, where and what to do."""


async def _serve(given: argparse.Namespace) -> None:
    opened = doors(given.host, given.tls_cert, given.tls_key, given.users)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with AsyncExitStack() as ending:
        log = Log(given.data)
        ending.push_async_callback(log.close)
        keeper = Keeper(log, opened.users) if opened.users else None
        if keeper:
            ending.callback(keeper.close)
        admit = keeper.admit if keeper else admit_anyone
        server = await _listen(log, admit, opened, given.host, given.port)
        print(f"Node is up at {given.host}:{server.port}", flush=True)
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


async def _listen(log: Log, admit: Admit, opened: Doors, host: str, port: int) -> Server:
    server: Server

    def bound() -> int:
        return server.port

    try:
        server = await serve(routes(log, advertised(host), bound, admit), host, port, ssl=opened.tls)
    except OSError as error:
        why = "another program does" if error.errno == errno.EADDRINUSE else error.strerror
        raise CannotStart(
            f"Cannot listen on {host}:{port}: {why}. Give --port another one, or 0 for any free one."
        ) from error
    return server


def advertised(host: str) -> str:
    """Where clients that discover the node find it: all addresses is no address."""
    return socket.getfqdn() if host in ("0.0.0.0", "::") else host  # noqa: S104


def main() -> int:
    """Serve until SIGTERM or SIGINT; the exit code."""
    try:
        asyncio.run(_serve(_options()))
    except (CannotStart, CannotOpen, CannotOpenDoors) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m embedded.node", description=__doc__)
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="beyond this machine only with TLS and users (default: %(default)s)",
    )
    parser.add_argument("--port", type=int, default=2113, help="0 for any free one (default: %(default)s)")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--data", type=Path, metavar="FILE", help="where the log is kept")
    where.add_argument(
        "--memory", action="store_true", help="keep the log in memory: gone when the node ends"
    )
    parser.add_argument(
        "--projections", action="store_true", help="write $ce-, $et-, $bc- and $category- links"
    )
    parser.add_argument("--tls-cert", type=Path, metavar="F", help="the certificate, PEM, its chain after it")
    parser.add_argument("--tls-key", type=Path, metavar="F", help="its key, PEM, without a passphrase")
    parser.add_argument("--users", type=Path, metavar="F", help="who may do what: a file of users")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
