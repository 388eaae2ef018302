"""The command ids that an account has booked: how one command has one effect, however often it arrives.

The newest WINDOW to 2 x WINDOW entries are kept whole, so that a retry is recognised and told from a reuse of
its id. Of each older one 8 bytes remain: enough to refuse it and never to book it twice, at a chance of n / 2^60
to refuse a new id instead. They are kept as sorted runs, each more than twice as long as the next, so that asking
for one takes microseconds in a history of any length.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from typing import Final
from uuid import UUID

import msgspec

from domain.events import Entry

WINDOW: Final = 64


class Booked(msgspec.Struct, frozen=True):
    """`recent` is in booking order; `older` holds runs of fingerprints, native 64-bit integers as bytes."""

    recent: dict[UUID, Entry] = {}
    older: tuple[bytes, ...] = ()

    def adding(self, entry: Entry) -> "Booked":
        recent = {**self.recent, entry.entry_id: entry}
        if len(recent) < 2 * WINDOW:
            return Booked(recent, self.older)
        ids = tuple(recent)
        kept = {entry_id: recent[entry_id] for entry_id in ids[WINDOW:]}
        return Booked(kept, _with_run(self.older, map(_fingerprint, ids[:WINDOW])))

    def is_older(self, entry_id: UUID) -> bool:
        """Whether the id was booked before the window."""
        return any(_contains(run, _fingerprint(entry_id)) for run in self.older)

    def __contains__(self, entry_id: UUID) -> bool:
        return entry_id in self.recent or self.is_older(entry_id)


def _with_run(runs: tuple[bytes, ...], fingerprints: Iterable[int]) -> tuple[bytes, ...]:
    """`runs` and one more, merged with those before it that are no longer than itself."""
    run = array("Q", sorted(fingerprints))
    while runs and len(runs[-1]) <= len(run) * run.itemsize:
        run = array("Q", sorted((*_integers(runs[-1]), *run)))
        runs = runs[:-1]
    return (*runs, run.tobytes())


def _contains(run: bytes, fingerprint: int) -> bool:
    integers = _integers(run)
    at = bisect_left(integers, fingerprint)
    return at < len(integers) and integers[at] == fingerprint


def _integers(run: bytes) -> memoryview:
    return memoryview(run).cast("Q")


def _fingerprint(entry_id: UUID) -> int:
    return entry_id.int >> 64
