"""The projector's process, with the log and the Redis of the settings."""

import asyncio
import signal
import threading
import time
from collections.abc import Sequence
from typing import Final

from redis.exceptions import RedisError

from app.logs import configure, format_for
from app.messages import running as messages
from app.processes.addresses import refuse_old
from app.refusal import Refusal
from app.settings import Settings
from eventstore.connection import without_user
from eventstore.esdb import EsdbLog
from eventstore.store import AccessRefused, StoreError
from projections.audit import audit_generation
from projections.engine.clients import reader, writer
from projections.engine.heartbeat import LIFETIME, tell_trouble
from projections.engine.reading import ReadModelUnavailable
from projections.engine.runner import OtherLog, Work, identify, keep
from projections.engine.status import Status, is_followed, status
from projections.readmodels import READ_MODELS

PAUSE: Final = 0.5
"""Seconds between two looks at another projector's heartbeat, which may be a last one."""


def projector(settings: Settings) -> None:
    """Runs until SIGTERM or SIGINT."""
    esdb_uri, redis_url = settings.external_servers()
    refuse_old(redis_url)
    configure("projector", settings.log, format_for(settings.log_format))
    stop = threading.Event()
    work = Work(
        open_log=lambda: EsdbLog(esdb_uri),
        address=without_user(esdb_uri),
        client=writer(redis_url),
        models=READ_MODELS,
        audit=audit_generation,
    )
    first_contact(work)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    print(messages.PROJECTOR_IS_UP, flush=True)
    keep(work, stop)


def first_contact(work: Work) -> None:
    """Refusal if the log or Redis refuses, and time does not heal it. Servers that do not answer are waited for."""
    lapsed = time.monotonic() + 2 * LIFETIME / 1000
    while True:
        try:
            identify(work)
        except OtherLog as other:
            if time.monotonic() > lapsed:
                raise Refusal(str(other), 1) from None
        except AccessRefused as error:
            tell_trouble(work.client, error)
            raise Refusal(str(error), 1) from None
        except (StoreError, RedisError):
            return
        else:
            return
        time.sleep(PAUSE)


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
