"""Builds the read models that are missing, or of another version, on a thread next to the projector."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import redis

from eventstore.store import EventLog, StoreError
from projections import messages
from projections.engine.advance import Refused
from projections.engine.inbox import EndOfLog, Interrupted
from projections.engine.proof import Audit
from projections.engine.readmodel import ReadModel
from projections.engine.rebuild import RebuildFailed, rebuild

log: Final = logging.getLogger("daybook.projector")

AGAIN: Final = 5.0
"""Seconds between a failure and the next try; doubled after each further failure, up to LONGEST_PAUSE."""
LONGEST_PAUSE: Final = 60.0

Group = Sequence[ReadModel[Any]]
"""Read models that are built in one reading of the log."""


@contextmanager
def filling_models(
    open_log: Callable[[], EventLog], client: redis.Redis, models: Sequence[ReadModel[Any]], audit: Audit
) -> Iterator[None]:
    """During the block, `models` are rebuilt together, and go live when all are complete. Failures are logged.

    If one of them cannot be built, each is built separately.
    """
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
    open_log: Callable[[], EventLog], client: redis.Redis, models: Group, audit: Audit, stop: threading.Event
) -> None:
    groups, pause = [models], AGAIN
    while groups:
        groups = [left for group in groups for left in _left(open_log, client, group, audit, stop)]
        if stop.is_set():
            return
        if groups:
            log.warning(messages.trying_again(pause))
            stop.wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE)


def _left(
    open_log: Callable[[], EventLog], client: redis.Redis, group: Group, audit: Audit, stop: threading.Event
) -> Sequence[Group]:
    """What is to be tried again: nothing, or all of `group`, one by one if one of them may be the reason."""
    names = [model.name for model in group]
    try:
        _fill(open_log, client, group, audit, stop)
    except Interrupted:
        return ()
    except (redis.RedisError, StoreError, EndOfLog) as error:
        log.warning(messages.not_built(names, str(error)))
        return (group,)
    except (RebuildFailed, Refused) as error:
        log.warning(messages.not_built(names, str(error)))
    except Exception:
        log.exception(messages.failed_to_build(names))
    else:
        return ()
    return [(model,) for model in group]


def _fill(
    open_log: Callable[[], EventLog],
    client: redis.Redis,
    models: Group,
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
