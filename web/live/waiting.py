"""Messages for an open page: written at once, or queued until the page takes them. The queue is bounded."""

import asyncio
from collections import deque
from typing import Final

from web.http.parts import Write, never

QUEUE_LENGTH: Final = 64


class Client:
    """An open page, of a browser with that network address.

    One that is too slow for its queue is `behind`: it gets its whole regions. What `write` does not take is queued.
    """

    def __init__(self, topics: frozenset[str], address: str = "", write: Write = never) -> None:
        self.topics, self.address = topics, address
        self._write = write
        self.is_sending = False
        """What was taken from the queue is on its way, and has to be there before what comes next."""
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
        if self._waiting or self.is_sending or not self._write(payload):
            self._waiting.append(payload)
            self.wake.set()

    def take(self) -> bytes:
        """Everything that is queued. `is_sending` until the caller says that it is sent."""
        self.is_sending = True
        payload = b"".join(self._waiting)
        self._waiting.clear()
        self.wake.clear()
        return payload

    def close(self) -> None:
        self.closed = True
        self.wake.set()
