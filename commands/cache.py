"""Folded states of recently used aggregates, in memory. The least recently used go first."""

from collections import OrderedDict
from datetime import date, datetime
from types import NoneType
from typing import Any, Final, Generic, NamedTuple, TypeVar
from uuid import UUID

import msgspec

from eventstore.store import NO_STREAM

CACHE_BYTES: Final = 128_000_000
"""How much memory the states of a process may take, by the estimate of `weigh`: those of some 2,500 busy accounts."""

WEIGHED_EVERY: Final = 16
"""Events."""
_OBJECT: Final = 64
_PAIR: Final = 400
"""A key and a value of a dict. Measured: an entry with its key takes 370 bytes, with the longest note in ASCII 630."""
_SMALL: Final = frozenset((bool, int, str, UUID, date, datetime, NoneType))

S = TypeVar("S")


class Loaded(msgspec.Struct, Generic[S], frozen=True):
    """An aggregate's state at a revision of its stream.

    `last` is the id of the event at that revision, "" before the first one. `snapshot` is the revision of the stream's
    newest snapshot that is known here.
    """

    state: S
    revision: int
    last: str
    snapshot: int = NO_STREAM


def weigh(value: object) -> int:
    """About how many bytes of memory a state takes, without looking into its dicts."""
    if type(value) in _SMALL:
        return _OBJECT
    if isinstance(value, bytes):
        return _OBJECT + len(value)
    if isinstance(value, dict):
        return _OBJECT + _PAIR * len(value)
    if isinstance(value, tuple | frozenset):
        return _OBJECT + sum(map(weigh, value))
    if isinstance(value, msgspec.Struct):
        return _OBJECT + sum(map(weigh, msgspec.structs.astuple(value)))
    return _OBJECT


class _Kept(NamedTuple):
    """`weight` is what the state weighed at the revision `weighed_at`."""

    loaded: Loaded[Any]
    weight: int
    weighed_at: int


class Cache:
    """States by stream, of one or several aggregates. One that is larger than the bound is kept alone."""

    def __init__(self, most_bytes: int = CACHE_BYTES) -> None:
        self._most: Final = most_bytes
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self.bytes = 0

    def get(self, stream: str) -> Loaded[Any] | None:
        if stream not in self._kept:
            return None
        self._kept.move_to_end(stream)
        return self._kept[stream].loaded

    def put(self, stream: str, loaded: Loaded[Any]) -> None:
        """A state that grew by a few events is not weighed again, which takes about 10 us."""
        before = self._kept.pop(stream, None)
        if before and 0 < loaded.revision - before.weighed_at < WEIGHED_EVERY:
            self._kept[stream] = before._replace(loaded=loaded)
            return
        self.bytes -= before.weight if before else 0
        kept = self._kept[stream] = _Kept(loaded, weigh(loaded), loaded.revision)
        self.bytes += kept.weight
        while self.bytes > self._most and len(self._kept) > 1:
            self.drop(next(iter(self._kept)))

    def drop(self, stream: str) -> None:
        dropped = self._kept.pop(stream, None)
        self.bytes -= dropped.weight if dropped else 0

    def clear(self) -> None:
        self._kept.clear()
        self.bytes = 0
