"""A web process for tests: the real server, read models and projector, over a log in memory.

Run as `python -m tests.kit.served --redis URL --data DIR`; prints `Web is up at HOST:PORT`. Each line of standard
input is a number, and that many entries are booked as one burst, or the id of an account, and an event that cannot be
read is written to its stream. With `--log FORMAT` it logs everything in that format, with `--transfers` it also carries
transfers on.
"""

import argparse
import asyncio
import random
import sys
import threading
from pathlib import Path

from app.logs import FORMATS, configure
from app.processes.listening import listening
from app.processes.web import kept_secret
from eventstore.memory import MemoryLog, MemoryStore
from eventstore.personal.sqlite import SqliteKeys
from projections.engine.clients import reader
from reactors.transfers import TRANSFERS
from tests.kit.importing import Importing
from tests.kit.journal import Journal, traffic
from tests.kit.projector import projecting
from tests.kit.reactors import Log, reacting
from web.app import create_app
from web.http import requests
from web.http.server import serve


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--redis", required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", choices=FORMATS)
    parser.add_argument("--transfers", action="store_true")
    arguments = parser.parse_args()
    if arguments.log:
        configure("web", "debug", arguments.log, requests.context)
    journal = Journal()
    keys = SqliteKeys(arguments.data / "keys")
    store = MemoryStore(journal.records)
    app = create_app(
        store=store,
        open_log=lambda: MemoryLog(journal.records),
        redis=reader(arguments.redis),
        keys=keys,
        importer=Importing(store, lambda: MemoryLog(journal.records), arguments.data / "uploads"),
        secret=kept_secret(arguments.data),
        currency="CZK",
    )
    with (
        projecting(lambda: MemoryLog(journal.records), arguments.redis),
        listening("127.0.0.1", arguments.port) as listener,
    ):
        print(f"Web is up at 127.0.0.1:{listener.getsockname()[1]}", flush=True)
        threading.Thread(target=_written, args=(journal,), daemon=True).start()
        if arguments.transfers:
            log = Log(MemoryStore(journal.records), lambda: MemoryLog(journal.records), keys)
            threading.Thread(target=asyncio.run, args=(_carried_on(log),), daemon=True).start()
        serve(app, listener)


async def _carried_on(log: Log) -> None:
    async with reacting(log, (TRANSFERS,)):
        await asyncio.Event().wait()


def _written(journal: Journal) -> None:
    for line in map(str.strip, sys.stdin):
        if line.isdecimal():
            traffic(journal, int(line), accounts=200, seed=random.randrange(10**6))
        else:
            journal.scribble(f"account-{line}")


if __name__ == "__main__":
    main()
