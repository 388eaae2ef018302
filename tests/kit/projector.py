"""Projectors for tests: one that takes a log as it stands, one that runs beside the test."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import redis

from eventstore.store import EventLog
from projections.catalog import NAMES
from projections.clients import writer
from projections.facts import PREFIXES
from projections.generations import load
from projections.runner import run


class Running:
    """A projector in a thread; what it raised is in `raised`."""

    def __init__(self, open_log: Callable[[], EventLog], url: str) -> None:
        self.raised: list[Exception] = []
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._work, args=(open_log, url), name="projector")

    def _work(self, open_log: Callable[[], EventLog], url: str) -> None:
        try:
            with writer(url) as client:
                run(open_log, client, self.stop)
        except Exception as error:
            self.raised.append(error)

    @property
    def ended(self) -> bool:
        return not self.thread.is_alive()


@contextmanager
def projecting(open_log: Callable[[], EventLog], url: str) -> Iterator[Running]:
    """A projector beside the block; what it raised, unless the block took it from `raised`, is raised at the end."""
    running = Running(open_log, url)
    running.thread.start()
    try:
        yield running
    finally:
        running.stop.set()
        running.thread.join(timeout=20)
        assert running.ended
    if running.raised:
        raise running.raised[0]


def settle(client: redis.Redis, position: int, seconds: float = 15) -> None:
    """Wait until every live read model reached `position`."""
    until(lambda: all(_reached(client, name) >= position for name in NAMES), seconds)


def _reached(client: redis.Redis, name: str) -> int:
    try:
        found = load(client, name)
    except redis.RedisError:
        return -1
    return found.checkpoint if found is not None and found.live else -1


def until(true: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.01)


def project_all(open_log: Callable[[], EventLog], url: str) -> None:
    """Build or advance the read models to the end of the log, and stop."""
    with writer(url) as client, projecting(open_log, url):
        log = open_log()
        settle(client, log.head(prefixes=PREFIXES))
        log.close()
