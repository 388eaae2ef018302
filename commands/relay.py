"""From the thread that watches the log to the event loop: what waits is handed over in one call, in order."""

import asyncio
import threading
from collections import deque
from contextlib import suppress
from typing import Final, Protocol

from eventstore.store import Recorded

_MOST: Final = 1_024
"""How much may wait. Then the thread waits, and the log keeps the rest."""
_PAUSE: Final = 0.005
_AT_A_STRETCH: Final = 128
"""How many events are handed over before other tasks of the process get a turn: about 2 ms."""


class Front(Protocol):
    """What keeps the states of one kind of aggregate in memory."""

    def forget(self, stream: str) -> None: ...

    def forget_all(self) -> None: ...

    def follow(self, recorded: Recorded) -> None: ...


class Relay:
    """For the running event loop. `forget` and `follow` are called on one other thread, until `stop` is set."""

    def __init__(self, front: Front, stop: threading.Event) -> None:
        self._front, self._stop = front, stop
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[Recorded | str | None] = deque()
        self._is_called = False

    def forget(self, stream: str | None) -> None:
        """None: all of them."""
        self._add(stream)

    def follow(self, recorded: Recorded) -> None:
        self._add(recorded)

    def _add(self, news: Recorded | str | None) -> None:
        while len(self._waiting) >= _MOST and not self._stop.wait(_PAUSE):
            pass
        self._waiting.append(news)
        if not self._is_called:
            self._is_called = True
            with suppress(RuntimeError):  # a loop that is closed already has nothing more to do
                self._loop.call_soon_threadsafe(self._hand_over)

    def _hand_over(self) -> None:
        self._is_called = False  # first, so that whatever is added from here on is not left
        try:
            for _ in range(min(len(self._waiting), _AT_A_STRETCH)):
                self._give(self._waiting.popleft())
        finally:  # what fails about one stream leaves the others
            if self._waiting and not self._is_called:
                self._is_called = True
                self._loop.call_soon(self._hand_over)

    def _give(self, news: Recorded | str | None) -> None:
        if news is None:
            self._front.forget_all()
        elif isinstance(news, str):
            self._front.forget(news)
        else:
            self._front.follow(news)
