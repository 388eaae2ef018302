"""The projector's process, with the log and the Redis of the settings."""

import asyncio
import signal
import threading
from collections.abc import Sequence

from app.logs import configure, format_for
from app.messages import running as messages
from app.processes.addresses import refuse_old
from app.refusal import Refusal
from app.settings import Settings
from eventstore.connection import without_user
from eventstore.esdb import EsdbLog
from projections.audit import audit_generation
from projections.engine.clients import reader, writer
from projections.engine.reading import ReadModelUnavailable
from projections.engine.runner import Work, keep
from projections.engine.status import Status, is_followed, status
from projections.readmodels import READ_MODELS


def projector(settings: Settings) -> None:
    """Runs until SIGTERM or SIGINT."""
    esdb_uri, redis_url = settings.external_servers()
    refuse_old(redis_url)
    configure("projector", settings.log, format_for(settings.log_format))
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    print(messages.PROJECTOR_IS_UP, flush=True)
    work = Work(
        open_log=lambda: EsdbLog(esdb_uri),
        address=without_user(esdb_uri),
        client=writer(redis_url),
        models=READ_MODELS,
        audit=audit_generation,
    )
    keep(work, stop)


def check(settings: Settings) -> None:
    _, redis_url = settings.external_servers()
    found = asyncio.run(_status(redis_url))
    if not is_followed(found):
        raise Refusal(found[0].trouble or messages.NO_HEARTBEAT, 1)


async def _status(redis_url: str) -> Sequence[Status]:
    client = reader(redis_url)
    try:
        return await status(client, READ_MODELS)
    except ReadModelUnavailable as error:
        raise Refusal(str(error), 1) from None
    finally:
        await client.aclose()
