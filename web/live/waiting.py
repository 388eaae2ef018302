"""The queue of messages for an open page. Bounded."""

import asyncio
from collections import deque
from typing import Final

QUEUE_LENGTH: Final = 64


class Client:
    """An open page, of a browser with that network address.

    One that is too slow for its queue is `behind`: it gets its whole regions.
    """

    def __init__(self, topics: frozenset[str], address: str = "") -> None:
        self.topics, self.address = topics, address
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
        """A heartbeat. It advances the page's position only if the page was sent everything before it."""
        if len(self._waiting) < QUEUE_LENGTH:
            self._push(b"%b\n" % payload if self.behind else b"id: %d\n%b\n" % (position, payload))

    def catch_up(self, payload: bytes) -> None:
        """`payload` holds everything that the page shows; the queued messages are no longer needed."""
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
