"""For how long the server waits for a client, by what it waits for."""

from enum import Enum, auto

from web.http.limits import Limits


class Phase(Enum):
    SILENT = auto()
    """No request has begun yet."""
    HEAD = auto()
    BODY = auto()
    ANSWER = auto()
    """The server waits for nothing: a request is whole, and its answer is under way."""
    IDLE = auto()
    """Between two requests."""
    LEAVING = auto()
    """The last answer was written, and what still comes is thrown away."""


class Patience:
    """`phase` began, or brought something of use, at `since`. Times are those of the event loop, in seconds."""

    def __init__(self, limits: Limits, now: float) -> None:
        self.phase = Phase.SILENT
        self.since = now
        self._unread, self._unread_since = 0, now
        self._unread_seconds = limits.unread_seconds
        self._seconds = {
            Phase.SILENT: limits.head_seconds,
            Phase.HEAD: limits.head_seconds,
            Phase.BODY: limits.body_seconds,
            Phase.ANSWER: float("inf"),
            Phase.IDLE: limits.idle_seconds,
            Phase.LEAVING: limits.linger_seconds,
        }

    def is_over(self, now: float) -> bool:
        return now - self.since > self._seconds[self.phase]

    def taken(self, now: float) -> None:
        """The client has taken some of what waited for it."""
        self._unread_since = now

    def is_unread(self, unread: int, now: float) -> bool:
        """Whether a client has taken nothing for too long of what waits for it: now `unread` bytes."""
        if not self._unread or unread < self._unread:
            self.taken(now)
        self._unread = unread
        return now - self._unread_since > self._unread_seconds
