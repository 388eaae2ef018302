"""The web process, with the log and the Redis of the settings."""

import contextlib
import gc
import os
import secrets
import socket
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from zoneinfo import ZoneInfo

from app.logs import configure, format_for
from app.messages import running as messages
from app.processes.addresses import refuse_old
from app.processes.folder import make_private
from app.processes.keys import open_keys
from app.processes.listening import inherited, listening
from app.settings import Settings
from commands.imports import Imports
from eventstore.esdb import EsdbLog, EsdbStore
from projections.engine.clients import reader
from projections.engine.snapshots import RedisSnapshots
from web.app import create_app
from web.http import requests
from web.http.server import serve
from web.importer import Importer


def web(
    settings: Settings,
    open_importer: Callable[[Settings, Imports], Importer],
    *,
    descriptor: int | None = None,
    number: int | None = None,
) -> None:
    """Serves until SIGTERM or SIGINT, on the socket with this file descriptor, or else on one that it opens itself.

    `number` tells it apart in the logs from other web processes on the same socket; None: there is no other.
    """
    with _listener(settings, descriptor) as listener:
        configure(
            "web" if number is None else f"web {number}",
            settings.log,
            format_for(settings.log_format),
            requests.context,
        )
        _serve(settings, open_importer, listener, is_one_of_several=number is not None)


def _collect_seldom() -> None:
    """Python looks for garbage in cycles after each 700 new objects. With 64 requests at a time nearly all of those are
    in use, and that took 15 % of the CPU of deposits. The objects of the start are never looked at again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)


def _listener(settings: Settings, descriptor: int | None) -> AbstractContextManager[socket.socket]:
    if descriptor is not None:
        return inherited(descriptor)
    return listening(settings.host, settings.port, to_others=settings.open)


def _serve(
    settings: Settings,
    open_importer: Callable[[Settings, Imports], Importer],
    listener: socket.socket,
    *,
    is_one_of_several: bool,
) -> None:
    esdb_uri, redis_url = settings.external_servers()
    refuse_old(redis_url)
    store = EsdbStore(esdb_uri)
    app = create_app(
        store=store,
        open_log=lambda: EsdbLog(esdb_uri),
        redis=reader(redis_url),
        keys=open_keys(settings),
        importer=open_importer(settings, Imports(store)),
        snapshots=RedisSnapshots(reader(redis_url, connections=8)),
        secret=kept_secret(settings.data),
        hosts=names_of(settings),
        currency=settings.currency,
        zone=None if settings.timezone is None else ZoneInfo(settings.timezone),
        reload_id=os.environ.get("DAYBOOK_RELOAD", ""),
        is_one_of_several=is_one_of_several,
    )
    host, port = listener.getsockname()[:2]
    print(messages.web_is_up(f"{f'[{host}]' if ':' in host else host}:{port}"), flush=True)
    _collect_seldom()
    serve(app, listener)


def names_of(settings: Settings) -> tuple[str, ...]:
    """The names by which browsers may reach it, in addition to the local ones and IP addresses."""
    return (settings.host, *(settings.hosts or "").split(","))


def kept_secret(data: Path) -> str:
    """The key that signs forms. It is kept, so that a form which was open before a restart can still be sent.

    Another process that starts at the same time sees either the complete file or none.
    """
    make_private(data)
    file = data / "secret"
    if not file.exists():
        with tempfile.NamedTemporaryFile("w", dir=data) as written:
            written.write(secrets.token_hex(32))
            written.flush()
            with contextlib.suppress(FileExistsError):
                os.link(written.name, file)
    return file.read_text().strip()
