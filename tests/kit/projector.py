"""Projectors for tests: one that reads the log to its end and stops, one that runs next to the test."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import redis

from eventstore.store import EventLog
from projections.audit import audit_generation
from projections.engine import keys
from projections.engine.clients import writer
from projections.engine.generations import live
from projections.engine.readmodel import ReadModel
from projections.engine.rebuild import Progress, Report
from projections.engine.rebuild import rebuild as rebuild_models
from projections.engine.runner import Work, run
from projections.readmodels import PREFIXES, READ_MODELS, named

Models = Sequence[ReadModel[Any]]


def work_of(open_log: Callable[[], EventLog], client: redis.Redis, models: Models = READ_MODELS) -> Work:
    return Work(open_log=open_log, client=client, models=models, audit=audit_generation)


def rebuild(
    event_log: EventLog, client: redis.Redis, names: Sequence[str], report: Callable[[Progress], None] = print
) -> list[Report]:
    return rebuild_models(event_log, client, [named(name) for name in names], audit_generation, report=report)


class Running:
    """A projector in a thread; its exception is in `raised`."""

    def __init__(self, open_log: Callable[[], EventLog], url: str, models: Models) -> None:
        self.raised: list[Exception] = []
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._work, args=(open_log, url, models), name="projector")

    def _work(self, open_log: Callable[[], EventLog], url: str, models: Models) -> None:
        try:
            with writer(url) as client:
                run(work_of(open_log, client, models), self.stop)
        except Exception as error:
            self.raised.append(error)

    @property
    def ended(self) -> bool:
        return not self.thread.is_alive()


@contextmanager
def projecting(open_log: Callable[[], EventLog], url: str, models: Models = READ_MODELS) -> Iterator[Running]:
    """A projector next to the block. Its exception is raised at the end, unless the block took it from `raised`."""
    running = Running(open_log, url, models)
    running.thread.start()
    try:
        yield running
    finally:
        running.stop.set()
        running.thread.join(timeout=20)
        assert running.ended
    if running.raised:
        raise running.raised[0]


def settle(client: redis.Redis, position: int, models: Models = READ_MODELS, *, seconds: float = 15) -> None:
    """Wait until each of the read models reached `position`."""
    until(lambda: all(_reached(client, model) >= position for model in models), seconds)


def _reached(client: redis.Redis, model: ReadModel[Any]) -> int:
    try:
        found = live(client, model.name)
    except redis.RedisError:
        return -1
    return -1 if found is None or found.version != model.version else found.checkpoint


def until(true: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.01)


def project_all(open_log: Callable[[], EventLog], url: str, models: Models = READ_MODELS) -> None:
    """Build or advance the read models to the end of the log, and stop."""
    with writer(url) as client, projecting(open_log, url, models):
        log = open_log()
        settle(client, log.head(prefixes=PREFIXES), models)
        log.close()


def live_number(client: redis.Redis, name: str) -> int | None:
    """The number of the live generation."""
    found = keys.pointer(client.get(keys.live(name)))
    return None if found is None else found.number
