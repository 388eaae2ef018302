"""The projector's process, on the log and the Redis that the settings name."""

import asyncio
import logging
import signal
import threading

from app.refusal import Refusal
from app.settings import Settings
from eventstore.esdb import EsdbLog
from projections import queries
from projections.advance import Refused
from projections.clients import reader, writer
from projections.runner import keep


def projector(settings: Settings) -> None:
    """Runs until SIGTERM or SIGINT."""
    esdb_uri, redis_url = settings.external_servers()
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", level=logging.INFO)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    print("Projector is up", flush=True)
    try:
        keep(lambda: EsdbLog(esdb_uri), writer(redis_url), stop)
    except Refused as refused:
        raise Refusal(str(refused), 1) from None


def check(settings: Settings) -> None:
    _, redis_url = settings.external_servers()
    if not asyncio.run(_is_followed(redis_url)):
        raise Refusal("no projector is running: there was no heartbeat for some seconds.", 1)


async def _is_followed(redis_url: str) -> bool:
    client = reader(redis_url)
    try:
        return queries.is_followed(await queries.status(client))
    except queries.ReadModelUnavailable as error:
        raise Refusal(str(error), 1) from None
    finally:
        await client.aclose()
