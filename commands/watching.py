"""Other programs can delete or limit a stream whose state is in memory here: then the state is forgotten.

Such a change is an event in the stream of the metadata, so this process subscribes to those streams. From time to time
it subscribes again, since a node that is frozen says nothing. With other processes like it, it also subscribes to
the streams themselves: its states follow what those append.
"""

import logging
import threading
from collections.abc import Callable
from typing import Final, NamedTuple

from commands import messages
from eventstore.store import METASTREAM, CaughtUp, Checkpoint, EventLog, Recorded, StoreError, in_full
from eventstore.streams import is_metadata, stream_of

log: Final = logging.getLogger("daybook.watching")

RENEWED: Final = 15.0
"""Seconds that one subscription lasts."""
PAUSE: Final = 1.0


Forget = Callable[[str | None], None]
"""Called, on the thread that watches, with a stream whose state is to be forgotten; None: all of them."""
Follow = Callable[[Recorded], None]
"""Called there with each event of the streams themselves, in the order of the log; some may come again."""


class _Heard(NamedTuple):
    """Everything up to `position` was heard, in a log whose last event then was `last`, at `end`."""

    position: int
    end: int
    last: str | None


def watch(
    open_log: Callable[[], EventLog],
    category: str,
    forget: Forget,
    stop: threading.Event,
    follow: Follow | None = None,
) -> None:
    """Until `stop` is set. Without `follow`, events of the streams themselves do not come."""
    heard: _Heard | None = None
    while not stop.is_set():
        try:
            heard = _session(open_log, category, forget, heard, stop, follow)
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
    before: _Heard | None,
    stop: threading.Event,
    follow: Follow | None,
) -> _Heard:
    """One subscription. Raises StoreError."""
    event_log = open_log()
    try:
        end = event_log.end()
        last = event_log.at(end)
        if before is not None and end >= before.position and event_log.at(before.end) == before.last:
            position = before.position
        else:
            forget(None)  # what was changed before is not heard of, or the log was restored from a copy
            position = end
        subscription = event_log.subscribe(
            prefixes=_prefixes(category, follow is not None), after=position or None
        )
        ending = threading.Thread(target=_end, args=(subscription.stop, stop), daemon=True)
        ending.start()
        for message in subscription:
            if type(message) is Recorded:
                if follow is None or is_metadata(message):
                    forget(stream_of(message))
                else:
                    follow(message)
                position = message.position
            elif type(message) is Checkpoint:
                position = max(position, message.position)
            elif type(message) is CaughtUp:
                position = max(position, end)
        return _Heard(position, end, last)
    finally:
        event_log.close()


def _prefixes(category: str, follows: bool) -> tuple[str, ...]:
    metadata = f"{METASTREAM}{category}-"
    return (metadata, f"{category}-") if follows else (metadata,)


def _end(end: Callable[[], None], stop: threading.Event) -> None:
    stop.wait(RENEWED)
    end()
