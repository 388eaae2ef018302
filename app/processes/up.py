"""The parts of a whole Daybook, under one supervisor: node, Valkey, projector, reactors, web processes."""

import os
import socket
import sys
from collections.abc import Sequence
from typing import Final
from uuid import uuid4

from app.logs import format_for
from app.messages import running as messages
from app.processes import valkey
from app.processes.addresses import LOG, Addresses, free_port, held, leave
from app.processes.health import until_ready
from app.processes.listening import listening
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
    ):
        settings = settings._replace(
            port=listener.getsockname()[1], log_format=format_for(settings.log_format)
        )
        addresses, parts = server_parts(settings)
        web = url(settings.host, settings.port)
        settings = settings._replace(esdb_uri=addresses.esdb_uri, redis_url=addresses.redis_url)
        os.environ |= settings.variables()

        async def announce() -> None:
            await until_ready(*reached_at(settings))
            leave(settings.data, addresses._replace(web=web))
            print(messages.daybook_is_up(web), flush=True)

        parts = [*parts, *application_parts(listener, settings.web, demo)]
        supervise(parts, announce, reloader=_reloader() if reload else None)


def _reloader() -> Reloader:
    from app.processes.reloading import reload_changed

    os.environ["DAYBOOK_RELOAD"] = uuid4().hex
    return reload_changed


def keep_servers(settings: Settings) -> None:
    """Only the node and Valkey, for a command that found none running."""
    with held(settings.data):
        addresses, parts = server_parts(settings)

        async def announce() -> None:
            leave(settings.data, addresses)
            print(messages.SERVERS_ARE_UP, flush=True)

        supervise(parts, announce, show_output=False)


def server_parts(settings: Settings) -> tuple[Addresses, Sequence[Part]]:
    """The addresses of all servers, and the parts for those that the settings do not name."""
    parts = []
    redis_url, esdb_uri = settings.redis_url, settings.esdb_uri
    if not redis_url:
        port = free_port()
        redis_url = f"redis://127.0.0.1:{port}"
        parts.append(_valkey(settings, port))
    if not esdb_uri:
        port = free_port()
        esdb_uri = f"esdb://127.0.0.1:{port}?Tls=false"
        parts.append(_node(settings, port))
    return Addresses(os.getpid(), esdb_uri, redis_url), parts


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


def _valkey(settings: Settings, port: int) -> Part:
    folder = settings.data / "valkey"
    folder.mkdir(exist_ok=True, mode=0o700)
    try:
        argv = valkey.command(valkey.find_server(), port, folder)
    except valkey.NoServer as error:
        raise Refusal(messages.needs_redis(str(error))) from None
    return Part("valkey", argv, valkey.READY, REPLAY_SECONDS, valkey.ROUTINE)


def _node(settings: Settings, port: int) -> Part:
    log = str(settings.data / LOG)
    argv = _python("esdbnode", "--port", str(port), "--data", log)
    return Part("node", argv, "Node is up at", REPLAY_SECONDS)


def _python(module: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-P", "-m", module, *arguments)


def reached_at(settings: Settings) -> tuple[str, int]:
    """A web process that listens on all addresses can be reached on loopback."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host), settings.port  # noqa: S104


def url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
