"""The bytes of requests that one connection holds, and how many more its client may send: the receive window."""

from esdbnode.http2 import frames
from esdbnode.http2.frames import ConnectionFault, ErrorCode
from esdbnode.http2.limits import Limits
from esdbnode.http2.outbox import Outbox
from esdbnode.wording import faults


class Intake:
    """`unread` counts the bytes of complete messages that no handler has taken; `held` adds the incomplete ones.

    Unread bytes keep the window closed. Incomplete messages do not, because they could then never be completed: `full`
    bounds them.
    """

    __slots__ = ("_allowance", "_limits", "_outbox", "held", "unread")

    def __init__(self, limits: Limits, outbox: Outbox) -> None:
        self._limits = limits
        self._outbox = outbox
        self._allowance = frames.DEFAULT_WINDOW
        self.held = 0
        self.unread = 0

    @property
    def full(self) -> bool:
        return self.held > self._limits.held

    def arrive(self, size: int) -> None:
        """A DATA frame that costs `size` of the window, padding included."""
        self._allowance -= size
        if self._allowance < 0:
            raise ConnectionFault(ErrorCode.FLOW_CONTROL_ERROR, faults.more_than_window(faults.CONNECTION))

    def release(self, unread: int, pending: int = 0) -> None:
        """A handler took messages, or a call ended with bytes unread and incomplete."""
        self.unread -= unread
        self.held -= unread + pending
        self.replenish()

    def replenish(self) -> None:
        """Widen the client's window when half of it is free."""
        grant = self._limits.connection_window - self.unread - self._allowance
        if grant * 2 >= self._limits.connection_window:
            self._allowance += grant
            self._outbox.write(frames.window_update(0, grant))
