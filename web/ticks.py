"""The clock, in the unit of the log: 100 ns ticks since 1970 (UTC)."""

import time


def now() -> int:
    return time.time_ns() // 100
