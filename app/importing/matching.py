"""A statement's lines of one account, and what earlier imports booked on it: compared both ways.

New          the log does not have it
Known        it was booked before, as this entry
Conflicting  an entry with the bank's id of the line was booked with another amount
Similar      the log does not have it, but an entry that the statement does not have may be the same: equal amount, at
             most DAYS_APART days apart, another text or day

A line is the same as an entry if the bank's ids are the same, or else account, day, amount and text; `normal` text, so
that neither case nor white space makes a difference. Equal lines are counted: the second one needs a second entry.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID, uuid5

import msgspec

from app.importing.berka import command_id as id_of_the_bank
from app.importing.statement import Line
from app.importing.surveying import Booked, digest_of
from domain.accounts import effect_of

DAYS_APART: Final = 5

_LINES: Final = UUID("f5d2f9a4-3d53-5a0e-9f0c-5b1c6f5c2d10")
_FILES: Final = UUID("0be6e1f2-97a9-5d3e-8a39-2f7f7c9b4e77")


class New(msgspec.Struct, frozen=True, gc=False):
    """`command_id` is that of the command which books it: the same whenever, and by whomever, it is booked."""

    line: Line
    command_id: UUID


class Known(msgspec.Struct, frozen=True, gc=False):
    line: Line
    entry: Booked


class Conflicting(msgspec.Struct, frozen=True, gc=False):
    line: Line
    entry: Booked


class Similar(msgspec.Struct, frozen=True, gc=False):
    line: Line
    command_id: UUID
    entry: Booked


_Content = tuple[date, int, int]
"""What makes two lines of an account the same: day, amount, digest of the normal text."""

Match = New | Known | Conflicting | Similar


class Compared(msgspec.Struct, frozen=True):
    """`matches` are in the order of the lines. `missing` are entries of the statement's days that it does not have."""

    matches: Sequence[Match]
    missing: Sequence[Booked]


def compare(lines: Sequence[Line], booked: Iterable[Booked], days: tuple[date, date]) -> Compared:
    """`booked` are all entries of the account; `days` are the first and the last one of the statement."""
    entries = {entry.entry_id: entry for entry in booked if entry.imported}
    found = list(_by_id(lines, entries) if lines[0].key else _by_text(lines, entries))
    known = {match.entry.entry_id for match in found if not isinstance(match, New)}
    missing = [
        entry for entry in entries.values() if entry.entry_id not in known and days[0] <= entry.day <= days[1]
    ]
    return Compared(list(_resembling(found, missing)), missing)


def as_new(lines: Sequence[Line], booked: Iterable[Booked], digest: str) -> Compared:
    """Each line is new, unless it was booked so before, from a file with the same digest."""
    entries = {entry.entry_id: entry for entry in booked if entry.imported}
    asked = [(line, uuid5(_FILES, f"{digest} {line.number}")) for line in lines]
    return Compared([_asked(line, command_id, entries) for line, command_id in asked], [])


def _by_id(lines: Iterable[Line], entries: Mapping[UUID, Booked]) -> Iterator[Match]:
    for line in lines:
        yield _asked(line, id_of_the_bank(line.key), entries)


def _asked(line: Line, command_id: UUID, entries: Mapping[UUID, Booked]) -> Match:
    entry = entries.get(effect_of(command_id, line.account))
    if entry is None:
        return New(line, command_id)
    return Known(line, entry) if entry.amount == line.amount else Conflicting(line, entry)


def _by_text(lines: Iterable[Line], entries: Mapping[UUID, Booked]) -> Iterator[Match]:
    alike: defaultdict[_Content, deque[Booked]] = defaultdict(deque)
    for entry in entries.values():
        alike[entry.day, entry.amount, entry.text].append(entry)
    numbers: Counter[_Content] = Counter()
    for line in lines:
        content = (line.day, line.amount, digest_of(line.note))
        if alike[content]:
            yield Known(line, alike[content].popleft())
            continue
        yield New(line, _next_id(line, content, numbers, entries))


def _next_id(
    line: Line, content: _Content, numbers: Counter[_Content], entries: Mapping[UUID, Booked]
) -> UUID:
    """Made from the content and a number among equal lines: the next one that no entry has."""
    text = msgspec.json.encode((line.account, *content)).decode()
    while True:
        numbers[content] += 1
        command_id = uuid5(_LINES, f"{text} {numbers[content]}")
        if effect_of(command_id, line.account) not in entries:
            return command_id


def _resembling(matches: Iterable[Match], missing: Iterable[Booked]) -> Iterator[Match]:
    """`matches`, in which a new line that resembles a missing entry is Similar. Each entry is taken once."""
    left: defaultdict[int, list[Booked]] = defaultdict(list)
    for entry in missing:
        left[entry.amount].append(entry)
    for match in matches:
        near = _near(match.line, left[match.line.amount]) if isinstance(match, New) else None
        if near is None or not isinstance(match, New):
            yield match
        else:
            left[match.line.amount].remove(near)
            yield Similar(match.line, match.command_id, near)


def _near(line: Line, entries: Iterable[Booked]) -> Booked | None:
    """The one with the nearest day, among those that are at most DAYS_APART away."""
    distances = [(abs((entry.day - line.day).days), at, entry) for at, entry in enumerate(entries)]
    days, _, entry = min(distances, default=(DAYS_APART + 1, 0, None), key=lambda each: each[:2])
    return entry if days <= DAYS_APART else None
