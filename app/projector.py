"""`daybook projector`: the projector alone, on the log and the Redis that the settings name."""

import argparse
import asyncio
import logging
import signal
import threading
from typing import Final

from app.refusal import Refusal
from app.settings import load
from eventstore.esdb import EsdbLog
from projections import queries
from projections.advance import Refused
from projections.clients import reader, writer
from projections.runner import keep

OLDEST_BEAT: Final = 10.0
"""Seconds without a sign of life after which a projector is not at work. It gives one every second."""


def projector(arguments: argparse.Namespace) -> int:
    esdb_uri, redis_url = load().external_servers()
    if arguments.check:
        return check(redis_url)
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", level=logging.INFO)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    print("Projector is up", flush=True)
    try:
        keep(lambda: EsdbLog(esdb_uri), writer(redis_url), stop)
    except Refused as refused:
        raise Refusal(str(refused), 1) from None
    return 0


def check(redis_url: str) -> int:
    ages = asyncio.run(_ages(redis_url))
    if any(age is None or age > OLDEST_BEAT for age in ages):
        raise Refusal(f"no projector is at work: no sign of life for {OLDEST_BEAT:g} s.", 1)
    return 0


async def _ages(redis_url: str) -> list[float | None]:
    client = reader(redis_url)
    try:
        return [one.heartbeat_age for one in await queries.status(client)]
    except queries.ReadModelUnavailable as error:
        raise Refusal(f"{error}", 1) from None
    finally:
        await client.aclose()
