"""Writes are data: what a projection does to its own keys. `folded` merges many writes into few.

A key is named within its generation: `rows` means `{balances:7}:rows`. A value is text, or a struct, which is
stored as msgpack. Scores and increments are integers; a sorted set holds them exactly below 2^53.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final, assert_never, final

import msgspec

Value = str | msgspec.Struct


@final
class HashSet(msgspec.Struct, frozen=True, gc=False):
    key: str
    field: str
    value: Value


@final
class HashDelete(msgspec.Struct, frozen=True, gc=False):
    key: str
    field: str


@final
class HashIncrement(msgspec.Struct, frozen=True, gc=False):
    key: str
    field: str
    by: int


@final
class SortedSetScore(msgspec.Struct, frozen=True, gc=False):
    key: str
    member: str
    score: int


@final
class ListAppend(msgspec.Struct, frozen=True, gc=False):
    """With `cap`, the list keeps its newest `cap` values."""

    key: str
    value: Value
    cap: int = 0


Write = HashSet | HashDelete | HashIncrement | SortedSetScore | ListAppend

Argument = str | bytes | int

_encoder: Final = msgspec.msgpack.Encoder()
encode: Final = _encoder.encode


class Folded:
    """Merge many writes into few: a field's last value, the sum of its increments, a list's appends in order.

    In `sets` a field that is to be deleted is None.
    """

    def __init__(self) -> None:
        self.sets: defaultdict[str, dict[str, Value | None]] = defaultdict(dict)
        self.sums: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
        self.scores: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self.appends: defaultdict[str, list[Value]] = defaultdict(list)
        self.caps: dict[str, int] = {}

    def add(self, writes: Iterable[Write]) -> None:
        for write in writes:
            if type(write) is HashSet:
                self.sets[write.key][write.field] = write.value
            elif type(write) is ListAppend:
                self.appends[write.key].append(write.value)
                if write.cap:
                    self.caps[write.key] = write.cap
            elif type(write) is SortedSetScore:
                self.scores[write.key][write.member] = write.score
            elif type(write) is HashDelete:
                self.sets[write.key][write.field] = None
            elif type(write) is HashIncrement:
                self.sums[write.key][write.field] += write.by
            else:
                assert_never(write)

    def arguments(self) -> list[Argument]:
        """As the commit script takes them: command, key, cap, number of arguments, arguments; and so on."""
        packed: list[Argument] = []
        for key, fields in self.sets.items():
            packed += _hash(key, fields)
        for key, sums in self.sums.items():
            for field, by in sums.items():
                packed += ("HINCRBY", key, 0, 2, field, by)
        for key, scores in self.scores.items():
            packed += ("ZADD", key, 0, 2 * len(scores))
            for member, score in scores.items():
                packed += (score, member)
        for key, values in self.appends.items():
            cap = self.caps.get(key, 0)
            kept = values[-cap:]
            packed += ("RPUSH", key, cap, len(kept))
            packed += map(stored, kept)
        return packed


def _hash(key: str, fields: dict[str, Value | None]) -> list[Argument]:
    pairs: list[Argument] = []
    gone: list[Argument] = []
    for field, value in fields.items():
        if value is None:
            gone.append(field)
        else:
            pairs += (field, stored(value))
    setting = ["HSET", key, 0, len(pairs), *pairs] if pairs else []
    return [*setting, *(["HDEL", key, 0, len(gone), *gone] if gone else [])]


def stored(value: Value) -> str | bytes:
    return value if type(value) is str else encode(value)
