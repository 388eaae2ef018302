"""What waits for an open page, and what is remembered for one that comes back. Both are bounded."""

import asyncio
from collections import deque
from typing import Final

from web.topics import Message

QUEUE_LENGTH: Final = 64
REMEMBERED: Final = 64


class Client:
    """An open page. What waits for it is bounded: a page too slow for it is read anew (`behind`)."""

    def __init__(self, topics: frozenset[str]) -> None:
        self.topics = topics
        self.behind = False
        self.closed = False
        self.wake = asyncio.Event()
        self._waiting: deque[bytes] = deque()

    def put(self, payload: bytes) -> None:
        if len(self._waiting) >= QUEUE_LENGTH:
            self._waiting.clear()
            self.behind = True
        if not self.behind:
            self._push(payload)

    def beat(self, payload: bytes, position: int) -> None:
        """A heartbeat; it moves the page's position on only where the page was told all before it."""
        if len(self._waiting) < QUEUE_LENGTH:
            self._push(b"%b\n" % payload if self.behind else b"id: %d\n%b\n" % (position, payload))

    def catch_up(self, payload: bytes) -> None:
        """`payload` says all that there is to say; what waited is moot."""
        self.behind = False
        self._waiting.clear()
        self._push(payload)

    def _push(self, payload: bytes) -> None:
        self._waiting.append(payload)
        self.wake.set()

    def take(self) -> bytes:
        payload = b"".join(self._waiting)
        self._waiting.clear()
        self.wake.clear()
        return payload

    def close(self) -> None:
        self.closed = True
        self.wake.set()


class Memory:
    """The last messages of one topic: everything after position `since`."""

    def __init__(self, since: int) -> None:
        self.since = since
        self.used = asyncio.get_running_loop().time()
        self._messages: deque[tuple[int, Message]] = deque()

    def add(self, position: int, message: Message) -> None:
        if message.whole:
            self._messages.clear()
        self._messages.append((position, message))
        if len(self._messages) > REMEMBERED:
            self.since = self._messages.popleft()[0]

    def after(self, position: int) -> list[tuple[int, Message]]:
        return [(at, message) for at, message in self._messages if at > position]
