"""The bounded queue between the thread that reads the log and the one that projects."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from eventstore.store import Message, StoreUnavailable, Subscription
from projections import messages

STOPS_WITHIN: Final = 0.2
"""Seconds of waiting for the log after which a reader checks whether it has to stop."""


class Inbox:
    """`put` waits while `limit` messages are pending; `take` waits until there is one."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._changed = threading.Condition(threading.Lock())
        self._pending: list[Message] = []
        self._ended: Exception | None = None
        self._closed = False
        self._wanted: int | None = None

    def put(self, message: Message) -> bool:
        """False after `close`: messages are no longer taken."""
        with self._changed:
            while len(self._pending) >= self._limit and not self._closed:
                self._changed.wait()
            self._pending.append(message)
            if self._wanted is not None and len(self._pending) >= self._wanted:
                self._changed.notify_all()
            return not self._closed

    def take(self, most: int, timeout: float, *, least: int = 1) -> list[Message]:
        """The oldest messages: at most `most`, as soon as there are `least`, or fewer after `timeout` seconds.

        Raises the error that ended the log, after all messages before it were taken.
        """
        with self._changed:
            self._wanted = least
            self._changed.wait_for(
                lambda: len(self._pending) >= least or self._ended is not None or self._closed, timeout
            )
            self._wanted = None
            if not self._pending and self._ended is not None:
                raise self._ended
            taken, self._pending = self._pending[:most], self._pending[most:]
            self._changed.notify_all()
            return taken

    def patiently(self, silence: float) -> Iterator[Message]:
        """All messages, one by one, to the end of the log. Raises StoreUnavailable after `silence` silent seconds."""
        for batch in self.batches(self._limit, silence, least=1):
            yield from batch

    def batches(
        self, size: int, silence: float, stop: threading.Event | None = None, *, least: int | None = None
    ) -> Iterator[list[Message]]:
        """All messages up to the end of the log, `size` at a time; with `least`, as soon as that many are there.

        Raises StoreUnavailable after `silence` seconds without a message, Interrupted once `stop` is set.
        """
        wanted = size if least is None else least
        batch: list[Message] = []
        heard = time.monotonic()
        while True:
            if stop is not None and stop.is_set():
                raise Interrupted
            try:
                taken = self.take(size - len(batch), STOPS_WITHIN, least=wanted - len(batch))
            except EndOfLog:
                if batch:
                    yield batch
                return
            if taken:
                heard = time.monotonic()
                batch += taken
            elif time.monotonic() - heard > silence:
                raise StoreUnavailable(messages.log_silent(silence))
            if len(batch) >= wanted:
                yield batch
                batch, heard = [], time.monotonic()

    def pending(self) -> int:
        return len(self._pending)

    def end(self, error: Exception) -> None:
        with self._changed:
            self._ended = error
            self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()


class EndOfLog(Exception):
    """The subscription ended by itself."""


class Interrupted(Exception):
    """The reader was asked to stop."""


@contextmanager
def filling(subscription: Subscription, limit: int) -> Iterator[Inbox]:
    """An inbox of `limit` messages that a thread of its own fills from `subscription`; both end with the block."""
    inbox = Inbox(limit)
    reader = threading.Thread(target=_fill, args=(inbox, subscription), name="log-reader", daemon=True)
    reader.start()
    try:
        yield inbox
    finally:
        inbox.close()
        subscription.stop()
        reader.join(timeout=5)


def _fill(inbox: Inbox, subscription: Subscription) -> None:
    try:
        for message in subscription:
            if not inbox.put(message):
                return
    except Exception as error:
        inbox.end(error)
    else:
        inbox.end(EndOfLog(messages.SUBSCRIPTION_ENDED))
