"""The web process, with the log and the Redis of the settings."""

import contextlib
import os
import secrets
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

from app.logs import configure, format_for
from app.messages import running as messages
from app.processes.addresses import refuse_old
from app.refusal import Refusal
from app.settings import Settings
from eventstore.esdb import EsdbLog, EsdbStore
from projections.engine.clients import reader
from projections.engine.snapshots import RedisSnapshots
from web.app import create_app
from web.http import requests
from web.http.server import serve


def web(settings: Settings) -> None:
    """Serves until SIGTERM or SIGINT."""
    esdb_uri, redis_url = settings.external_servers()
    refuse_old(redis_url)
    configure("web", settings.log, format_for(settings.log_format), requests.context)
    app = create_app(
        store=EsdbStore(esdb_uri),
        open_log=lambda: EsdbLog(esdb_uri),
        redis=reader(redis_url),
        snapshots=RedisSnapshots(reader(redis_url, connections=8)),
        secret=kept_secret(settings.data),
        hosts=names_of(settings),
        zone=None if settings.timezone is None else ZoneInfo(settings.timezone),
        reload="DAYBOOK_RELOAD" in os.environ,
    )
    with listening(settings.host, settings.port) as listener:
        host, port = listener.getsockname()[:2]
        print(messages.web_is_up(f"{f'[{host}]' if ':' in host else host}:{port}"), flush=True)
        serve(app, listener)


def names_of(settings: Settings) -> tuple[str, ...]:
    """The names by which browsers may reach it, in addition to the local ones and IP addresses."""
    return (settings.host, *(settings.hosts or "").split(","))


@contextlib.contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
        except OSError as error:
            raise Refusal(messages.cannot_listen(host, port, str(error.strerror))) from None
        listener.listen(1024)
        yield listener


def kept_secret(data: Path) -> str:
    """The key that signs forms. It is kept, so that a form which was open before a restart can still be sent.

    Another process that starts at the same time sees either the complete file or none.
    """
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = data / "secret"
    if not file.exists():
        with tempfile.NamedTemporaryFile("w", dir=data) as written:
            written.write(secrets.token_hex(32))
            written.flush()
            with contextlib.suppress(FileExistsError):
                os.link(written.name, file)
    return file.read_text().strip()
