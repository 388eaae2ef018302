"""Other programs can delete or limit a stream whose state is in memory here: then the state is forgotten.

Such a change is an event in the stream of the metadata, so this process subscribes to those streams. From time to time
it subscribes again, since a node that is frozen says nothing.
"""

import logging
import threading
from collections.abc import Callable
from typing import Final

from commands import messages
from eventstore.store import METASTREAM, CaughtUp, Checkpoint, EventLog, Recorded, StoreError, in_full
from eventstore.streams import stream_of

log: Final = logging.getLogger("daybook.watching")

RENEWED: Final = 15.0
"""Seconds that one subscription lasts."""
PAUSE: Final = 1.0


Forget = Callable[[str | None], None]
"""Called, on the thread that watches, with a stream whose state is to be forgotten; None: all of them."""


def watch(open_log: Callable[[], EventLog], category: str, forget: Forget, stop: threading.Event) -> None:
    """Until `stop` is set."""
    position: int | None = None
    while not stop.is_set():
        try:
            position = _session(open_log, category, forget, position, stop)
        except StoreError as error:
            log.debug(messages.trying_again(in_full(error), PAUSE))
            stop.wait(PAUSE)
        except Exception:
            log.exception(messages.trying_again(messages.NOT_HEARD, PAUSE))
            stop.wait(PAUSE)


def _session(
    open_log: Callable[[], EventLog],
    category: str,
    forget: Forget,
    after: int | None,
    stop: threading.Event,
) -> int:
    """One subscription; returns the position up to which everything was heard. Raises StoreError."""
    event_log = open_log()
    try:
        end = event_log.end()
        position = end if after is None else after
        if after is None or end < after:
            forget(None)  # what was changed before is not heard of
            position = end
        subscription = event_log.subscribe(prefixes=(f"{METASTREAM}{category}-",), after=position or None)
        ending = threading.Thread(target=_end, args=(subscription.stop, stop), daemon=True)
        ending.start()
        for message in subscription:
            if type(message) is Recorded:
                forget(stream_of(message))
                position = message.position
            elif type(message) is Checkpoint:
                position = max(position, message.position)
            elif type(message) is CaughtUp:
                position = max(position, end)
        return position
    finally:
        event_log.close()


def _end(end: Callable[[], None], stop: threading.Event) -> None:
    stop.wait(RENEWED)
    end()
