"""What became of a statement: figures, and lists of what somebody has to look at."""

from collections.abc import Sequence
from datetime import date

import msgspec

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


class Report(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """`booked` by this run. `already_booked` by earlier ones, or by another one meanwhile. `to_book`: with `--check`.

    `exact`, `rounded`, `differing`, `unchecked`: see `reconciling.Reconciliation`. `wrong`: lines of which the log does
    not have their amount, although they were to be booked. `opening` is the sum of `openings`, a decimal string.
    `missing` are entries of earlier imports on the days of the file, which the file does not have.
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
