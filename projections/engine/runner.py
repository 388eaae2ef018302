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

from eventstore.codec import origin
from eventstore.store import Checkpoint, EventLog, Message, Recorded, StoreError, StoreUnavailable, in_full
from eventstore.streams import stream_of
from projections import messages
from projections.engine import keys
from projections.engine.advance import Fenced, NotCommitted, Refused, Target, advance, streams_of
from projections.engine.clients import own_connection
from projections.engine.facts import Batch, Broken, Limits, Read, Streams
from projections.engine.filling import filling_models
from projections.engine.heartbeat import beat, check, farewell, other_log, take_token, tell_trouble
from projections.engine.inbox import STOPS_WITHIN, EndOfLog, Inbox, filling
from projections.engine.losses import watching_for_losses
from projections.engine.proof import Audit
from projections.engine.readmodel import ReadModel, prefixes_of
from projections.engine.survey import Survey, first_event, survey

log: Final = logging.getLogger("daybook.projector")

PENDING: Final = 10_000
CATCH_UP_BATCH: Final = 5_000
LIVE_BATCH: Final = 1_000
GATHER_EACH: Final = 0.002
GATHER_MOST: Final = 0.02
"""Seconds that the next batch gathers events, for each event of this one after its first, and at most.

So a rare event is committed at once. More than about 500 a second are committed some 50 times a second.
"""
BEAT_EVERY: Final = 1.0
LOOK_EVERY: Final = 1.0
SILENCE: Final = 10.0
"""Seconds without a message after which the log is asked whether it has any."""
FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 2.0


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """What a projector works with; `audit` proves a read model whose version has changed.

    `address` names the log in messages.
    """

    open_log: Callable[[], EventLog]
    address: str = "the log"
    client: redis.Redis
    models: Sequence[ReadModel[Any]]
    audit: Audit


class OtherLog(Exception):
    """A running projector fills this Redis from another log."""


def keep(work: Work, stop: threading.Event) -> None:
    """`run`; if another projector has taken over, or follows another log, wait until that one has stopped."""
    while not stop.is_set():
        try:
            run(work, stop)
        except (Fenced, OtherLog) as taken:
            log.warning(messages.waiting_for_the_other(str(taken)))
            while not stop.wait(LOOK_EVERY) and _another_lives(work.client):
                continue


def _another_lives(client: redis.Redis) -> bool:
    """True also if Redis does not answer."""
    try:
        return bool(client.exists(keys.HEARTBEAT))
    except RedisError:
        return True


def run(work: Work, stop: threading.Event) -> None:
    """Project until `stop` is set. Raises Fenced if another projector took over, OtherLog if it follows another log."""
    token, pause = 0, FIRST_PAUSE
    refused: dict[str, int] = {}
    while not stop.is_set():
        started = time.monotonic()
        try:
            origin = identify(work, token)
            token = take_token(work.client, token)
            with own_connection(work.client) as client:
                _Session(work, client, token, origin, refused, stop).run()
        except (Fenced, OtherLog):
            raise
        except NotCommitted as moved:
            log.info("%s Continuing from what Redis holds.", moved)
        except (RedisError, StoreError, EndOfLog) as lost:
            tell_trouble(work.client, lost)
            log.warning(messages.session_lost(type(lost).__name__, in_full(lost), pause))
        pause = (
            FIRST_PAUSE if time.monotonic() - started > 2 * LONGEST_PAUSE else min(2 * pause, LONGEST_PAUSE)
        )
        stop.wait(pause)
    farewell(work.client, token)


def identify(work: Work, token: int = 0) -> str:
    """The log's identity. Raises OtherLog, StoreError, RedisError."""
    event_log = work.open_log()
    try:
        origin = first_event(event_log, prefixes_of(work.models))
    finally:
        event_log.close()
    if other := other_log(work.client, token, origin):
        raise OtherLog(messages.other_log(other, messages.log_named(work.address, origin or "none yet")))
    return origin


class _Session:
    """One subscription and the generations that it feeds. `refused` is added to."""

    def __init__(
        self,
        work: Work,
        client: redis.Redis,
        token: int,
        origin: str,
        refused: dict[str, int],
        stop: threading.Event,
    ) -> None:
        self.work, self.client, self.token, self.origin = work, client, token, origin
        self.refused, self.stop = refused, stop
        self.prefixes = prefixes_of(work.models)
        self.targets: list[Target] = []
        self.survey = Survey()
        self.streams = Streams()
        self.seen = 0
        self.heard = self.beaten = 0.0

    def run(self) -> None:
        event_log = self.work.open_log()
        try:
            self.survey = survey(self.client, event_log, self.work.models, self.token, self.refused)
            self.targets = list(self.survey.targets)
            with (
                watching_for_losses(self.work.client, self.work.models),
                filling_models(self.work.open_log, self.work.client, self.survey.missing, self.work.audit),
            ):
                if self.targets:
                    self._follow(event_log)
                else:
                    self._wait(event_log)
        finally:
            event_log.close()

    def _follow(self, event_log: EventLog) -> None:
        self.streams = streams_of(self.client, self.targets)
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
        taken: Sequence[Message] = ()
        while not self.stop.is_set():
            most = LIVE_BATCH if inbox.pending() <= 2 * LIVE_BATCH else CATCH_UP_BATCH
            gather = gathering(len(taken))
            taken = inbox.take(most, gather or STOPS_WITHIN, least=most if gather else 1)
            if taken:
                self.heard = time.monotonic()
                self._apply(taken)
            elif time.monotonic() - self.heard > SILENCE:
                self._ask(event_log)
            if not self.stop.is_set():
                self._beat(event_log)

    def _apply(self, taken: Sequence[Message]) -> None:
        batch = self.streams.read([message for message in taken if type(message) is Recorded])
        self.seen = max(self.seen, reached(taken))
        self._warn(batch.facts)
        try:
            advance(self.client, self.targets, batch, upto=self.seen, token=self.token)
        except Refused as refused:
            log.error("%s", refused)
            self.refused |= {each.name: each.number for each in self.targets if each.name == refused.name}
            raise NotCommitted(messages.not_writable(refused.name)) from refused

    def _warn(self, facts: Sequence[Read]) -> None:
        """Of each stream that stops here, once."""
        stops = [fact for fact in facts if isinstance(fact, Broken | Limits)]
        warned: set[str] = set()
        for fact in stops:
            stream = fact.recorded.stream
            if stream not in warned and any(target.is_stopped_by(fact) for target in self.targets):
                named = {"correlation": origin(fact.recorded).correlation_id}
                log.warning(messages.stopped(stream_of(fact.recorded), str(fact.reason)), extra=named)
                warned.add(stream)

    def _beat(self, event_log: EventLog) -> None:
        """From time to time: write a heartbeat, and check that this projector still writes to the live generations."""
        pause = BEAT_EVERY if self.targets else STOPS_WITHIN
        if time.monotonic() - self.beaten > pause:
            check(self.client, self.survey.pointers, self.targets, self.token)
            head = event_log.head(prefixes=self.prefixes)
            if head and not self.origin:
                self.origin = first_event(event_log, self.prefixes)
            beat(self.client, self.targets, self.token, head, self.origin, self.work.address)
            self.beaten = time.monotonic()

    def _ask(self, event_log: EventLog) -> None:
        """If the log has nothing of ours after `seen`, it counts as read up to its end: no checkpoint may ever come."""
        end = event_log.end()
        head = event_log.head(prefixes=self.prefixes)
        if head > self.seen:
            raise StoreUnavailable(messages.subscription_silent(head, self.seen))
        self.heard = time.monotonic()
        if end > self.seen:
            self.seen = end
            advance(self.client, self.targets, Batch(), upto=end, token=self.token)


def gathering(events: int) -> float:
    """Seconds that the batch after one of so many `events` gathers more, unless it is full before."""
    return min(GATHER_MOST, GATHER_EACH * max(0, events - 1))


def reached(taken: Sequence[Message]) -> int:
    """The position up to which `taken` messages are complete, 0 if none of them says so."""
    for message in reversed(taken):
        if type(message) is Recorded or type(message) is Checkpoint:
            return message.position
    return 0
