"""A limit on the useless work that a client may cause: a bucket that useless frames fill and time empties."""

import time

from esdbnode.http2.frames import ConnectionFault, ErrorCode
from esdbnode.http2.limits import Limits
from esdbnode.wording import faults


class Patience:
    __slots__ = ("_capacity", "_leak", "_level", "_since")

    def __init__(self, limits: Limits) -> None:
        self._capacity = limits.rudeness
        self._leak = limits.forgiveness
        self._level = 0.0
        self._since = time.monotonic()

    def spend(self, points: int, useless: str) -> None:
        """Raises ConnectionFault if the bucket is full. `useless`: one of those in wording/faults.py."""
        now = time.monotonic()
        self._level = max(0.0, self._level - (now - self._since) * self._leak) + points
        self._since = now
        if self._level > self._capacity:
            raise ConnectionFault(ErrorCode.ENHANCE_YOUR_CALM, faults.too_many(useless))
