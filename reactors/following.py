"""The thread that reads the log: it keeps a reactor's agenda."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from eventstore.codec import Fact, UnreadableEvent, decode
from eventstore.store import CaughtUp, Message, Recorded, StoreUnavailable, Subscription
from eventstore.streams import is_metadata, stream_of
from reactors import messages
from reactors.agenda import Agenda, Task
from reactors.reactor import Begins, Ends, Reactor

_JOIN_SECONDS: Final = 3.0


class Follower:
    """Reads until the subscription ends. Then `ended` says why. `has_caught_up`: it has read what was there at first.

    `wake` is called on the reading thread when there may be something to do, `forget` with streams that another program
    deleted or limited.

    Whether an event counts depends on all events before it in its stream, of which a reactor knows few. So an event
    that can be read is believed here. What the reactor asks for is decided on the whole stream, by the one rule.

    An event that cannot be read becomes a task too, which fails: a later release may be able to read it, and has to
    come across it. Of each stream the first one is enough.
    """

    def __init__(
        self,
        reactor: Reactor,
        agenda: Agenda,
        goal: int,
        wake: Callable[[], None],
        forget: Callable[[str], None],
    ) -> None:
        """`goal` is the position of the last event that is there already."""
        self.ended: Exception | None = None
        self.has_caught_up = agenda.reached >= goal
        self._goal = goal
        self._agenda = agenda
        self._plan = reactor.plan
        self._wake = wake
        self._forget = forget

    def read(self, subscription: Subscription) -> None:
        try:
            for message in subscription:
                self._take(message)
            self.ended = StoreUnavailable(messages.SUBSCRIPTION_ENDED)
        except Exception as error:
            self.ended = error
        self._wake()

    def _take(self, message: Message) -> None:
        agenda = self._agenda
        if isinstance(message, CaughtUp):
            self._caught_up()
            return
        if type(message) is Recorded:
            self._look(message)
            agenda.last = (message.position, message.event_id)
        agenda.reached = max(agenda.reached, message.position)
        agenda.news += 1
        if agenda.news == 1:
            self._wake()
        if agenda.reached >= self._goal:
            self._caught_up()

    def _caught_up(self) -> None:
        if not self.has_caught_up:
            self.has_caught_up = True
            self._wake()

    def _look(self, recorded: Recorded) -> None:
        if is_metadata(recorded):
            self._forget(stream_of(recorded))
        elif not recorded.type.startswith("$"):  # those are the log's own
            self._note(recorded)

    def _note(self, recorded: Recorded) -> None:
        try:
            fact: Fact[Any] = decode(recorded)
        except UnreadableEvent:
            if not self._agenda.has(key := f"unreadable {recorded.stream}"):
                self._begin(key, 0.0, recorded)
            return
        planned = self._plan(fact)
        if isinstance(planned, Ends):
            self._agenda.end(planned.key)
        elif isinstance(planned, Begins):
            self._begin(planned.key, planned.due.timestamp(), recorded)

    def _begin(self, key: str, due: float, recorded: Recorded) -> None:
        after, position = self._agenda.reached, recorded.position
        if self._agenda.begin(Task(key, due, recorded.stream, recorded.revision, after, position)):
            self._wake()


@contextmanager
def following(follower: Follower, subscription: Subscription) -> Iterator[None]:
    """`follower` reads `subscription` on a thread of its own; both end with the block."""
    thread = threading.Thread(target=follower.read, args=(subscription,), name="log-reader", daemon=True)
    thread.start()
    try:
        yield
    finally:
        subscription.stop()
        thread.join(_JOIN_SECONDS)


def called_soon(loop: asyncio.AbstractEventLoop, do: Callable[[], object]) -> None:
    """From another thread. A loop that is closed already has nothing more to do."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(do)
