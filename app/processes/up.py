"""The parts of a whole Daybook, under one supervisor: node, Valkey, projector, reactors, web processes."""

import os
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import uuid4

from app.logs import format_for
from app.messages import running as messages
from app.processes import valkey
from app.processes.addresses import Addresses, held, leave
from app.processes.folder import LOG
from app.processes.health import until_ready
from app.processes.listening import listening
from app.processes.sockets import sockets
from app.processes.supervisor import Part, Reloader, supervise
from app.refusal import Refusal
from app.settings import Settings

REPLAY_SECONDS: Final = 300.0
"""How long a server may take to load its data at the start."""


def up(settings: Settings, *, demo: int | None = None, reload: bool = False) -> None:
    """Keeps everything running until SIGINT, SIGTERM or SIGHUP.

    `demo` is the seed of a story to play. `reload` needs the developers' tools.
    """
    with (
        listening(settings.host, settings.port, to_others=settings.open) as listener,
        held(settings.data),
        server_parts(settings) as (addresses, parts),
    ):
        settings = settings._replace(
            port=listener.getsockname()[1], log_format=format_for(settings.log_format)
        )
        web = url(settings.host, settings.port)
        settings = settings._replace(esdb_uri=addresses.esdb_uri, redis_url=addresses.redis_url)
        os.environ |= settings.variables()

        async def announce() -> None:
            await until_ready(*reached_at(settings))
            leave(settings.data, addresses._replace(web=web))
            print(messages.daybook_is_up(web), flush=True)

        supervise(
            [*parts, *application_parts(listener, settings.web, demo)],
            announce,
            reloader=_reloader() if reload else None,
        )


def _reloader() -> Reloader:
    from app.processes.reloading import reload_changed

    os.environ["DAYBOOK_RELOAD"] = uuid4().hex
    return reload_changed


def keep_servers(settings: Settings) -> None:
    """Only the node and Valkey, for a command that found none running."""
    with held(settings.data), server_parts(settings) as (addresses, parts):

        async def announce() -> None:
            leave(settings.data, addresses)
            print(messages.SERVERS_ARE_UP, flush=True)

        supervise(parts, announce, show_output=False)


@contextmanager
def server_parts(settings: Settings) -> Iterator[tuple[Addresses, Sequence[Part]]]:
    """The addresses of all servers, and the parts for those that the settings do not name."""
    esdb_uri, redis_url = settings.esdb_uri, settings.redis_url
    if esdb_uri and redis_url:
        yield Addresses(os.getpid(), esdb_uri, redis_url), ()
        return
    with sockets(settings.data) as own:
        parts = []
        if not redis_url:
            parts.append(_valkey(settings, own.valkey))
        if not esdb_uri:
            parts.append(_node(settings, own.node))
        yield Addresses(os.getpid(), esdb_uri or own.esdb_uri, redis_url or own.redis_url), parts


def application_parts(listener: socket.socket, web: int = 1, demo: int | None = None) -> Sequence[Part]:
    """The projector, the reactors, as many web processes as `web` on that socket, and with a seed the demo."""
    parts = [
        Part("projector", _python("app", "projector"), messages.PROJECTOR_IS_UP),
        Part("reactor", _python("app", "reactor"), messages.REACTOR_IS_UP),
        *_web(listener, web),
    ]
    if demo is not None:
        parts.append(Part("demo", _python("app", "demo", "--seed", str(demo)), messages.DEMO_IS_UP))
    return parts


def _web(listener: socket.socket, count: int) -> Sequence[Part]:
    """All of them accept from one queue, which stays open as long as the supervisor runs."""
    descriptor = listener.fileno()
    argv = _python("app", "web", "--socket", str(descriptor))
    if count == 1:
        return [Part("web", argv, messages.WEB_IS_UP, inherits=(descriptor,))]
    return [
        Part(f"web {number}", (*argv, "--number", str(number)), messages.WEB_IS_UP, inherits=(descriptor,))
        for number in range(1, count + 1)
    ]


def _valkey(settings: Settings, listens_at: Path) -> Part:
    folder = settings.data / "valkey"
    folder.mkdir(exist_ok=True, mode=0o700)
    try:
        argv = valkey.command(valkey.find_server(), listens_at, folder)
    except valkey.NoServer as error:
        raise Refusal(messages.needs_redis(str(error))) from None
    return Part("valkey", argv, valkey.READY, REPLAY_SECONDS, valkey.ROUTINE)


def _node(settings: Settings, listens_at: Path) -> Part:
    argv = _python("esdbnode", "--socket", str(listens_at), "--data", str(settings.data / LOG))
    return Part("node", argv, "Node is up at", REPLAY_SECONDS)


def _python(module: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-P", "-m", module, *arguments)


def reached_at(settings: Settings) -> tuple[str, int]:
    """A web process that listens on all addresses can be reached on loopback."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host), settings.port  # noqa: S104


def url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
