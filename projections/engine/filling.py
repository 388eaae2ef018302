"""Builds the read models that are missing, or of another version, on a thread next to the projector."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import redis

from eventstore.store import EventLog, StoreError
from projections.engine.advance import Refused
from projections.engine.inbox import EndOfLog, Stopped
from projections.engine.proof import Audit
from projections.engine.readmodel import ReadModel
from projections.engine.rebuild import RebuildFailed, rebuild

log: Final = logging.getLogger("daybook.projector")

AGAIN: Final = 5.0
"""Seconds between a failure and the next try."""


@contextmanager
def filling_models(
    open_log: Callable[[], EventLog], client: redis.Redis, models: Sequence[ReadModel[Any]], audit: Audit
) -> Iterator[None]:
    """During the block, `models` are rebuilt; each goes live when it is complete. Failures are logged."""
    if not models:
        yield
        return
    stop = threading.Event()
    work = threading.Thread(
        target=_until_done, args=(open_log, client, models, audit, stop), name="filling", daemon=True
    )
    work.start()
    try:
        yield
    finally:
        stop.set()
        work.join(timeout=5)


def _until_done(
    open_log: Callable[[], EventLog],
    client: redis.Redis,
    models: Sequence[ReadModel[Any]],
    audit: Audit,
    stop: threading.Event,
) -> None:
    names = ", ".join(model.name for model in models)
    while not stop.is_set():
        try:
            _fill(open_log, client, models, audit, stop)
        except Stopped:
            return
        except (redis.RedisError, StoreError, EndOfLog, RebuildFailed, Refused) as error:
            log.warning("%s could not be built: %s Trying again in %.0f s.", names, error, AGAIN)
            stop.wait(AGAIN)
        else:
            return


def _fill(
    open_log: Callable[[], EventLog],
    client: redis.Redis,
    models: Sequence[ReadModel[Any]],
    audit: Audit,
    stop: threading.Event,
) -> None:
    event_log = open_log()
    try:
        for report in rebuild(event_log, client, models, audit, stop=stop):
            log.info(
                "%s is built: generation %d, %d events in %.1f s; %d of %d keys compared differ from the one before.",
                report.projection,
                report.generation,
                report.events,
                report.seconds,
                report.differences,
                report.keys,
            )
    finally:
        event_log.close()
