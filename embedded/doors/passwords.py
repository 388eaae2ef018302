"""Passwords hashed with argon2id (RFC 9106) and checked in a thread: a check takes 25 ms of CPU and 19 MiB.

The parameters are OWASP's least for argon2id; a hash carries its own, so old ones stay good when these change.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

from argon2 import PasswordHasher, Type, extract_parameters
from argon2.exceptions import InvalidHash, VerificationError

CHECKS_AT_ONCE = 1
"""One leaves a core of two to the event loop."""

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
_DEAREST_KIB = 1024 * 1024


def hash_of(password: str) -> str:
    return _HASHER.hash(password)


def is_hash(found: Any) -> bool:
    """Whether this is an argon2id hash, and one that may be checked on this machine."""
    try:
        parameters = extract_parameters(found)
    except (InvalidHash, AttributeError, ValueError):
        return False
    return parameters.type is Type.ID and parameters.memory_cost <= _DEAREST_KIB


def matches(hash: str | None, password: str) -> bool:
    """None, an unknown user, takes as long and is never right."""
    try:
        _HASHER.verify(hash or _nobodys(), password)
    except (VerificationError, InvalidHash):
        return False
    return hash is not None


@cache
def _nobodys() -> str:
    return hash_of("nobody's password")


def checkers() -> ThreadPoolExecutor:
    _nobodys()
    return ThreadPoolExecutor(CHECKS_AT_ONCE, "password")
