"""The projector: follows the log and keeps every read model current.

It works in sessions. A session ends on any failure (a lost connection, silence, a generation at an unexpected
position), and the next one starts from what Redis holds. Only Redis says what was committed, so a session may end at
any point. A read model that is missing, or stored in another version, is rebuilt next to it; the others continue.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
import redis
from redis.exceptions import RedisError

from eventstore.store import Checkpoint, EventLog, Message, Recorded, StoreError, StoreUnavailable
from eventstore.streams import stream_of
from projections.engine import keys
from projections.engine.advance import Fenced, NotCommitted, Refused, Target, advance, streams_of
from projections.engine.facts import Broken, Limits, Read, Streams
from projections.engine.filling import filling_models
from projections.engine.heartbeat import beat, check, take_token
from projections.engine.inbox import STOPS_WITHIN, EndOfLog, Inbox, filling
from projections.engine.proof import Audit
from projections.engine.readmodel import ReadModel, prefixes_of
from projections.engine.survey import Survey, survey

log: Final = logging.getLogger("daybook.projector")

PENDING: Final = 10_000
CATCH_UP_BATCH: Final = 5_000
LIVE_BATCH: Final = 1_000
BEAT_EVERY: Final = 1.0
LOOK_EVERY: Final = 1.0
SILENCE: Final = 10.0
"""Seconds without a message after which the log is asked whether it has any."""
FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 2.0


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """What a projector works with; `audit` proves a read model whose version has changed."""

    open_log: Callable[[], EventLog]
    client: redis.Redis
    models: Sequence[ReadModel[Any]]
    audit: Audit


def keep(work: Work, stop: threading.Event) -> None:
    """`run`; if another projector has taken over, wait until that one has stopped."""
    while not stop.is_set():
        try:
            run(work, stop)
        except Fenced as taken:
            log.warning("%s Waiting until that one has stopped.", taken)
            while not stop.wait(LOOK_EVERY) and _another_lives(work.client):
                continue


def _another_lives(client: redis.Redis) -> bool:
    """True also if Redis does not answer."""
    try:
        return bool(client.exists(keys.HEARTBEAT))
    except RedisError:
        return True


def run(work: Work, stop: threading.Event) -> None:
    """Project until `stop` is set. Raises Fenced if another projector took over."""
    token, pause = 0, FIRST_PAUSE
    while not stop.is_set():
        started = time.monotonic()
        try:
            token = take_token(work.client, token)
            _Session(work, token, stop).run()
        except Fenced:
            raise
        except NotCommitted as moved:
            log.info("%s Continuing from what Redis holds.", moved)
        except (RedisError, StoreError, EndOfLog) as lost:
            log.warning("%s: %s Trying again in %.1f s.", type(lost).__name__, lost, pause)
        pause = (
            FIRST_PAUSE if time.monotonic() - started > 2 * LONGEST_PAUSE else min(2 * pause, LONGEST_PAUSE)
        )
        stop.wait(pause)


class _Session:
    """One subscription and the generations that it feeds."""

    def __init__(self, work: Work, token: int, stop: threading.Event) -> None:
        self.work, self.token, self.stop = work, token, stop
        self.prefixes = prefixes_of(work.models)
        self.targets: list[Target] = []
        self.survey = Survey()
        self.streams = Streams()
        self.seen = 0
        self.heard = self.beaten = 0.0

    def run(self) -> None:
        event_log = self.work.open_log()
        try:
            self.survey = survey(self.work.client, event_log, self.work.models, self.token)
            self.targets = list(self.survey.targets)
            with filling_models(self.work.open_log, self.work.client, self.survey.missing, self.work.audit):
                while self.targets and not self.stop.is_set():
                    self._follow(event_log)
                self._wait(event_log)
        finally:
            event_log.close()

    def _follow(self, event_log: EventLog) -> None:
        """Until it is to stop, or the one is refused that all others were ahead of."""
        self.streams = streams_of(self.work.client, self.targets)
        self.seen = min(target.checkpoint for target in self.targets)
        subscription = event_log.subscribe(prefixes=self.prefixes, after=self.seen or None)
        with filling(subscription, PENDING) as inbox:
            self._project(event_log, inbox)

    def _wait(self, event_log: EventLog) -> None:
        """With nothing to follow: until it is to stop, or one goes live, which `_beat` notices."""
        while not self.stop.wait(STOPS_WITHIN):
            self._beat(event_log)

    def _project(self, event_log: EventLog, inbox: Inbox) -> None:
        self.heard = time.monotonic()
        while not self.stop.is_set() and not self._is_behind_all():
            most = LIVE_BATCH if inbox.pending() <= 2 * LIVE_BATCH else CATCH_UP_BATCH
            messages = inbox.take(most, STOPS_WITHIN)
            if messages:
                self.heard = time.monotonic()
                self._apply(messages)
            elif time.monotonic() - self.heard > SILENCE:
                self._ask(event_log)
            if not self.stop.is_set():
                self._beat(event_log)

    def _is_behind_all(self) -> bool:
        """Whether nobody needs what comes next: all would wait for what they have already."""
        return all(target.checkpoint > self.seen for target in self.targets)

    def _apply(self, messages: Sequence[Message]) -> None:
        batch = self.streams.read([message for message in messages if type(message) is Recorded])
        self.seen = max(self.seen, reached(messages))
        self._warn(batch.facts)
        try:
            advance(self.work.client, self.targets, batch, upto=self.seen, token=self.token)
        except Refused as refused:
            log.error("%s The other read models continue.", refused)
            self.targets.remove(next(target for target in self.targets if target.name == refused.name))

    def _warn(self, facts: Sequence[Read]) -> None:
        """Of each stream that stops here, once."""
        stops = [fact for fact in facts if isinstance(fact, Broken | Limits)]
        warned: set[str] = set()
        for fact in stops:
            stream = fact.recorded.stream
            if stream not in warned and any(target.is_stopped_by(fact) for target in self.targets):
                log.warning("%s is stopped. %s", stream_of(fact.recorded), fact.reason)
                warned.add(stream)

    def _beat(self, event_log: EventLog) -> None:
        """From time to time: write a heartbeat, and check that this projector still writes to the live generations."""
        pause = BEAT_EVERY if self.targets else STOPS_WITHIN
        if time.monotonic() - self.beaten > pause:
            check(self.work.client, self.survey.pointers, self.token)
            beat(self.work.client, self.targets, self.token, event_log.head(prefixes=self.prefixes))
            self.beaten = time.monotonic()

    def _ask(self, event_log: EventLog) -> None:
        head = event_log.head(prefixes=self.prefixes)
        if head > self.seen:
            raise StoreUnavailable(
                f"The log has grown to {head}, but the subscription is silent at {self.seen}."
            )
        self.heard = time.monotonic()


def reached(messages: Sequence[Message]) -> int:
    """The position up to which `messages` are complete, 0 if none of them says so."""
    for message in reversed(messages):
        if type(message) is Recorded or type(message) is Checkpoint:
            return message.position
    return 0
