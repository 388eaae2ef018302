"""One effect per command id, however often the command arrives.

An aggregate remembers the effects of its commands. The newest WINDOW to 2 x WINDOW are kept with their events, so that
a retry is recognised, and another use of its id too. Of each older one, 8 bytes are kept. That is enough to refuse the
command, so that its effect is never repeated; the chance that a new id is refused by mistake is n / 2^60. These
fingerprints are in sorted runs, each at least twice as long as the next, so that a lookup takes microseconds in a
history of any length.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from typing import Final, Generic, TypeVar
from uuid import UUID

import msgspec

WINDOW: Final = 64

E = TypeVar("E")


class Fingerprints(msgspec.Struct, frozen=True):
    """A set of ids that only grows, 8 bytes each. `runs` are sorted: native 64-bit integers as bytes."""

    runs: tuple[bytes, ...] = ()

    def adding(self, ids: Iterable[UUID]) -> "Fingerprints":
        return Fingerprints(_with_run(self.runs, map(_fingerprint, ids)))

    def __contains__(self, an_id: UUID) -> bool:
        return any(_contains(run, _fingerprint(an_id)) for run in self.runs)


class Effects(msgspec.Struct, Generic[E], frozen=True):
    """`recent`: effect id -> event, oldest first; `older`: the effects from before."""

    recent: dict[UUID, E] = {}
    older: Fingerprints = Fingerprints()

    def adding(self, effect_id: UUID, event: E) -> "Effects[E]":
        recent = {**self.recent, effect_id: event}
        if len(recent) < 2 * WINDOW:
            return Effects(recent, self.older)
        ids = tuple(recent)
        kept = {newer: recent[newer] for newer in ids[WINDOW:]}
        return Effects(kept, self.older.adding(ids[:WINDOW]))

    def __contains__(self, effect_id: UUID) -> bool:
        return effect_id in self.recent or effect_id in self.older


def _with_run(runs: tuple[bytes, ...], fingerprints: Iterable[int]) -> tuple[bytes, ...]:
    """`runs` and one more, merged with the runs before it that are not longer."""
    merged = [*fingerprints]
    while runs and len(_integers(runs[-1])) <= len(merged):
        merged += _integers(runs[-1])
        runs = runs[:-1]
    return (*runs, array("Q", sorted(merged)).tobytes())


def _contains(run: bytes, fingerprint: int) -> bool:
    integers = _integers(run)
    at = bisect_left(integers, fingerprint)
    return at < len(integers) and integers[at] == fingerprint


def _integers(run: bytes) -> memoryview:
    return memoryview(run).cast("Q")


def _fingerprint(effect_id: UUID) -> int:
    return effect_id.int >> 64
