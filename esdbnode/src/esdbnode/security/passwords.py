"""Passwords hashed with argon2id (RFC 9106) and checked in a thread: a check takes 25 ms of CPU and 19 MiB.

The parameters are the minimum that OWASP recommends for argon2id. A hash states its own parameters, so old hashes
remain valid when these change.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

from argon2 import PasswordHasher, Type, extract_parameters
from argon2.exceptions import InvalidHash, VerificationError

CHECKS_AT_ONCE = 1
"""Threads that check passwords. With one thread, a machine with two cores has a core left for the event loop."""

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
_MOST_KIB = 1024 * 1024


def hash_of(password: str) -> str:
    return _HASHER.hash(password)


def is_hash(found: Any) -> bool:
    """Whether this is an argon2id hash, with parameters that this machine can check."""
    try:
        parameters = extract_parameters(found)
    except (InvalidHash, AttributeError, ValueError):
        return False
    return parameters.type is Type.ID and parameters.memory_cost <= _MOST_KIB


def matches(hash: str | None, password: str) -> bool:
    """`hash` None means an unknown user: the check takes the same time, and always fails."""
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
