"""What became of a statement: figures, and lists of what somebody has to look at."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import msgspec

from app.importing.packed import Lazy
from app.importing.posting import RefusedLine, StoppedAccount
from app.importing.reconciling import Difference, Opening


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry in the log. `amount` is a decimal string with a sign."""

    account: str
    entry_id: str
    date: date
    amount: str
    note: str


class Recognised(msgspec.Struct, frozen=True, kw_only=True):
    """A line that was booked before, as this entry."""

    line: int
    account: str
    date: date
    amount: str
    entry_id: str


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A line that was not booked since it may be `resembles`, which the file does not have."""

    line: int
    account: str
    date: date
    amount: str
    note: str
    resembles: Entry


class Conflict(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction whose id is known, with another amount."""

    line: int
    account: str
    id: str
    amount: str
    booked: str


class Ledger(msgspec.Struct, frozen=True, kw_only=True):
    """What the log holds on the file's accounts after the run, imported or not. `sum` is a decimal string."""

    entries: int
    sum: str


class Report(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """`booked` by this run. `already_booked` by earlier ones, or by another one meanwhile. `to_book`: with `--check`.

    `exact`, `rounded`, `differing`, `unchecked`: see `reconciling.Reconciliation`. `wrong`: lines of which the log does
    not have their amount, although they were to be booked. `opening` is the sum of `openings`, a decimal string.
    `missing` are entries of earlier imports on the days of the file, which the file does not have.

    A list may be as long as the file. So print a report with `as_json`, which makes each item when it is printed.
    """

    file: str
    digest: str
    format: str
    currency: str
    days: tuple[date, date] | None
    transactions: int
    booked: int
    already_booked: int
    to_book: int | msgspec.UnsetType = msgspec.UNSET
    held_back: int
    skipped: int
    cleaned: int
    shortened: int
    accounts: int
    exact: int
    rounded: int
    differing: int
    unchecked: int
    wrong: int
    opening: str
    ledger: Ledger
    seconds: float
    transactions_per_s: int
    recognised: Sequence[Recognised]
    held: Sequence[Held]
    missing: Sequence[Entry]
    conflicts: Sequence[Conflict]
    openings: Sequence[Opening]
    differences: Sequence[Difference]
    stopped: Sequence[StoppedAccount]
    refused: Sequence[RefusedLine]

    @property
    def is_fine(self) -> bool:
        """Nothing was refused, held back or contradicts the log, and the balances explain most lines."""
        contradicts = self.wrong or self.stopped or self.refused or self.held or self.conflicts
        return not contradicts and self.differing <= self.exact + self.rounded


def as_json(report: Report) -> Iterator[bytes]:
    """One document on one line, in pieces."""
    before = b"{"
    for name in report.__struct_fields__:
        value = getattr(report, name)
        if value is not msgspec.UNSET:
            yield before + msgspec.json.encode(name) + b":"
            yield from _list(value) if isinstance(value, list | Lazy) else [msgspec.json.encode(value)]
            before = b","
    yield b"}\n"


def _list(items: Iterable[object]) -> Iterator[bytes]:
    before = b"["
    for item in items:
        yield before + msgspec.json.encode(item)
        before = b","
    yield b"]" if before == b"," else b"[]"
