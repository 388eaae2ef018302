"""`daybook web`: the web process, on the log and the Redis that the settings name."""

import argparse
import contextlib
import logging
import os
import secrets
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

from app.refusal import Refusal
from app.settings import Settings, load
from eventstore.esdb import EsdbStore
from projections.engine.clients import reader
from web.app import create_app
from web.http.server import serve


def web(arguments: argparse.Namespace) -> int:
    settings = load(arguments)
    esdb_uri, redis_url = settings.external_servers()
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", level=logging.INFO)
    app = create_app(
        store=EsdbStore(esdb_uri),
        redis=reader(redis_url),
        secret=kept_secret(settings.data),
        hosts=names_of(settings),
    )
    with listening(settings.host, settings.port) as listener:
        host, port = listener.getsockname()[:2]
        print(f"Web is up at {f'[{host}]' if ':' in host else host}:{port}", flush=True)
        serve(app, listener)
    return 0


def names_of(settings: Settings) -> tuple[str, ...]:
    """The names to answer for, beside the local ones and addresses that are no names."""
    return (settings.host, *(settings.hosts or "").split(","))


@contextlib.contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
        except OSError as error:
            raise Refusal(f"cannot listen at {host}:{port}: {error.strerror}.") from None
        listener.listen(1024)
        yield listener


def kept_secret(data: Path) -> str:
    """What signs the forms: kept, so that a page that stays open over a restart can still be sent.

    It is there whole or not at all, also for another process that starts just now.
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
