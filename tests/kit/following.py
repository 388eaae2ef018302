"""A subscription that is read on a thread, as in the projector."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Condition, Thread
from typing import Final

from eventstore.store import Message, Recorded, StoreUnavailable, Subscription

PATIENCE: Final = 10.0


class Follower:
    def __init__(self, subscription: Subscription) -> None:
        self._changed = Condition()
        self._thread = Thread(target=self._run, args=(subscription,), daemon=True)
        self.messages: list[Message] = []
        self.failure: Exception | None = None
        self.ended = False
        self._thread.start()

    def _run(self, subscription: Subscription) -> None:
        try:
            for message in subscription:
                with self._changed:
                    self.messages.append(message)
                    self._changed.notify_all()
        except StoreUnavailable as error:
            self.failure = error
        with self._changed:
            self.ended = True
            self._changed.notify_all()

    @property
    def recorded(self) -> Sequence[Recorded]:
        return [message for message in self.messages if isinstance(message, Recorded)]

    def until(self, condition: Callable[["Follower"], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: condition(self), PATIENCE), self.messages

    def join(self) -> None:
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), "the subscription did not end"


@contextmanager
def following(subscription: Subscription) -> Iterator[Follower]:
    follower = Follower(subscription)
    try:
        yield follower
    finally:
        subscription.stop()
        follower.join()
