"""The differences between two answers, and the three things that may differ:

1. If the real server merely failed on a request, any refusal is right, and a clear one is better.
2. The wording inside a bad request's details is each server's own.
3. In the area "checkpoints" about as many are right, wherever they are.
"""

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any, NamedTuple

from tests.recorded.answers import Json

TRIPPED = (
    "Exception was thrown by handler.",
    "Received http2 header with status: 500",
    "Unexpected FilteredReadAllResult: InvalidPosition",
)
_ABSENT = "(absent)"
_CONTROL = {"checkpoint", "caught_up", "fell_behind"}


class Difference(NamedTuple):
    where: str
    expected: Any
    got: Any


def differences(expected: Json, got: Json, where: str, *, loose: bool = False) -> Iterator[Difference]:
    """`loose`: by the third rule."""
    match expected, got:
        case dict(), dict() if expected.get("details") in TRIPPED:
            if got.get("status", "OK") == "OK":
                yield Difference(f"{where}.status", "any refusal", got)
        case dict(), dict():
            for key in sorted(expected.keys() | got.keys()):
                if key == "message" and where.endswith(".details"):
                    continue
                pair = expected.get(key, _ABSENT), got.get(key, _ABSENT)
                yield from differences(*pair, f"{where}.{key}", loose=loose)
        case list(), list():
            if loose and where.endswith(".messages"):
                yield from _numbers_of_checkpoints(expected, got, where)
                expected, got = _events(expected), _events(got)
            for index, pair in enumerate(zip_longest(expected, got, fillvalue=_ABSENT)):
                yield from differences(*pair, f"{where}[{index}]", loose=loose)
        case _ if expected != got:
            yield Difference(where, expected, got)


def _numbers_of_checkpoints(expected: Json, got: Json, where: str) -> Iterator[Difference]:
    wanted, seen = (sum("checkpoint" in message for message in messages) for messages in (expected, got))
    if abs(wanted - seen) > 1 and not wanted / 2 <= seen <= 2 * wanted:
        yield Difference(where, f"{wanted} checkpoints", f"{seen} checkpoints")


def _events(messages: Json) -> Json:
    return [message for message in messages if not message.keys() & _CONTROL]
