"""The projector: one thread reads the log, this one projects and commits, each projection from its own checkpoint.

A session ends at the first doubt (connection lost, silence, a generation that is not where it should be), and the
next one starts from what Redis holds. Redis alone says what was committed, so a session may end anywhere.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

import redis
from redis.exceptions import RedisError

from eventstore.store import CaughtUp, Checkpoint, EventLog, Message, Recorded, StoreError, StoreUnavailable
from projections import generations, keys
from projections.advance import Fenced, NotCommitted, Target, advance, opened
from projections.catalog import PROJECTIONS
from projections.facts import PREFIXES
from projections.facts import read as read_fact
from projections.generations import Generation
from projections.heartbeat import beat, take_token
from projections.inbox import EndOfLog, Inbox, filling

log: Final = logging.getLogger("daybook.projector")

PENDING: Final = 10_000
CATCH_UP_BATCH: Final = 5_000
LIVE_BATCH: Final = 1_000
BEAT_EVERY: Final = 1.0
STOPS_WITHIN: Final = 0.2
"""Seconds of waiting for the log after which it looks whether it shall stop."""
LOOK_EVERY: Final = 1.0
SILENCE: Final = 10.0
"""Seconds without a message after which the log is asked whether there is any."""
FOLLOWERS_LAG: Final = 1.0
"""Seconds between three looks at a log that seems to end before a checkpoint."""
FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 2.0


def keep(open_log: Callable[[], EventLog], client: redis.Redis, stop: threading.Event) -> None:
    """`run`, and stand by once another projector has taken over, until that one is gone. Raises Refused."""
    while not stop.is_set():
        try:
            run(open_log, client, stop)
        except Fenced as taken:
            log.warning("%s Standing by.", taken)
            while not stop.wait(LOOK_EVERY) and _another_lives(client):
                continue


def _another_lives(client: redis.Redis) -> bool:
    """Also where Redis does not say."""
    try:
        return bool(client.exists(keys.HEARTBEAT))
    except RedisError:
        return True


def run(open_log: Callable[[], EventLog], client: redis.Redis, stop: threading.Event) -> None:
    """Project until `stop` is set. Raises Fenced when another projector took over, Refused on an impossible commit."""
    token, pause = 0, FIRST_PAUSE
    while not stop.is_set():
        started = time.monotonic()
        try:
            token = take_token(client, token)
            _Session(open_log, client, token, stop).run()
        except Fenced:
            raise
        except NotCommitted as moved:
            log.info("%s Going on from what Redis holds.", moved)
        except (RedisError, StoreError, EndOfLog) as lost:
            log.warning("%s: %s Trying again in %.1f s.", type(lost).__name__, lost, pause)
        pause = (
            FIRST_PAUSE if time.monotonic() - started > 2 * LONGEST_PAUSE else min(2 * pause, LONGEST_PAUSE)
        )
        stop.wait(pause)


class _Session:
    """One subscription and the generations that it feeds."""

    def __init__(
        self, open_log: Callable[[], EventLog], client: redis.Redis, token: int, stop: threading.Event
    ) -> None:
        self.open_log, self.client, self.token, self.stop = open_log, client, token, stop
        self.targets: list[Target] = []
        self.seen = 0
        self.heard = self.beaten = 0.0

    def run(self) -> None:
        event_log = self.open_log()
        try:
            self.targets = open_targets(self.client, event_log, self.token)
            self.seen = min(target.checkpoint for target in self.targets)
            subscription = event_log.subscribe(prefixes=PREFIXES, after=self.seen or None)
            with filling(subscription, PENDING) as inbox:
                self._project(event_log, inbox)
        finally:
            event_log.close()

    def _project(self, event_log: EventLog, inbox: Inbox) -> None:
        self.heard = time.monotonic()
        while not self.stop.is_set():
            most = LIVE_BATCH if inbox.pending() <= 2 * LIVE_BATCH else CATCH_UP_BATCH
            messages = inbox.take(most, STOPS_WITHIN)
            if messages:
                self.heard = time.monotonic()
                self._apply(messages)
            elif time.monotonic() - self.heard > SILENCE:
                self._ask(event_log)
            if time.monotonic() - self.beaten > BEAT_EVERY and not self.stop.is_set():
                beat(self.client, self.targets, self.token, event_log.head(prefixes=PREFIXES))
                self.beaten = time.monotonic()

    def _apply(self, messages: Sequence[Message]) -> None:
        facts = [read_fact(message) for message in messages if type(message) is Recorded]
        self.seen = max(self.seen, reached(messages))
        advance(self.client, self.targets, facts, upto=self.seen, token=self.token)
        if any(type(message) is CaughtUp for message in messages):
            for target in self.targets:
                self._publish(target)

    def _publish(self, target: Target) -> None:
        if target.live:
            return
        if not generations.publish(self.client, target.name, target.number):
            raise NotCommitted(f"Another generation of {target.name} is live already.")
        target.live = True
        log.info("%s is built, up to position %d.", target.name, target.checkpoint)

    def _ask(self, event_log: EventLog) -> None:
        head = event_log.head(prefixes=PREFIXES)
        if head > self.seen:
            raise StoreUnavailable(
                f"The log has grown to {head}, but the subscription is silent at {self.seen}."
            )
        self.heard = time.monotonic()


def open_targets(client: redis.Redis, event_log: EventLog, token: int) -> list[Target]:
    """Every projection's generation to go on with, a new one where there is none for this log."""
    targets = []
    first = first_event(event_log)
    for projection in PROJECTIONS:
        generation = generations.load(client, projection.name)
        if generation is not None and _is_of_another_log(generation, first, event_log):
            log.warning("%s was made of another log than this one: it is rebuilt.", projection.name)
            generation = None
        if generation is None:
            generation = generations.begin(client, projection.name)
            log.info("%s is being built from the beginning of the log.", projection.name)
        if generation.token > token:
            raise Fenced(f"Another projector (token {generation.token}) has taken over {generation.prefix}.")
        targets.append(opened(client, projection, generation))
    return targets


def _is_of_another_log(generation: Generation, first: str, event_log: EventLog) -> bool:
    """Whether the log begins otherwise, or ends before the checkpoint, and goes on to: a follower may lag behind."""
    if generation.origin and generation.origin != first:
        return True
    for _ in range(3):
        if event_log.end() >= generation.checkpoint:
            return False
        time.sleep(FOLLOWERS_LAG)
    return True


def first_event(event_log: EventLog) -> str:
    """The id of the log's first event that projections see, "" where there is none: it tells one log from another."""
    with filling(event_log.read(prefixes=PREFIXES, after=None), 1) as inbox:
        return next((each.event_id for each in inbox.patiently(SILENCE) if type(each) is Recorded), "")


def reached(messages: Sequence[Message]) -> int:
    """The position up to which `messages` tell everything, 0 where none says."""
    for message in reversed(messages):
        if type(message) is Recorded or type(message) is Checkpoint:
            return message.position
    return 0
