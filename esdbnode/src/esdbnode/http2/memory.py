"""Memory after a crowd has left: the allocator keeps it unless asked to return it."""

import ctypes
import gc
from contextlib import suppress

CROWD = 500
"""Connections. Returning the memory of fewer is not worth the pause of some 20 ms."""


def give_back() -> None:
    """Return free memory to the system, if the C library (glibc) can."""
    gc.collect()
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)
