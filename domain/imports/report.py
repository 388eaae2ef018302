"""The report of an import: figures, and of each list the first items, for people to act on.

Amounts are in minor units of the import's currency and have a sign. `--json` of the verb lists everything.
"""

from datetime import date
from typing import Final
from uuid import UUID

import msgspec

from domain.identifiers import AccountId

LISTED: Final = 100
"""How many items of a list a report has at most."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry in the log."""

    account_id: AccountId
    entry_id: UUID
    day: date
    amount: int
    note: str


class Recognised(msgspec.Struct, frozen=True, kw_only=True):
    """A line that was booked before, as this entry."""

    line: int
    account_id: AccountId
    day: date
    amount: int
    entry_id: UUID


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A line that was not booked since it may be `resembles`, which the file does not have."""

    line: int
    account_id: AccountId
    day: date
    amount: int
    note: str
    resembles: Entry


class Conflict(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction whose id is known, with another amount. `id` is the bank's."""

    line: int
    account_id: AccountId
    id: str
    amount: int
    booked: int


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """What the account had before the file: what follows from the bank's first balance, and what the log holds."""

    account_id: AccountId
    bank: int
    log: int


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A line that does not explain the bank's balance. `booked` is null if it is not in the log."""

    line: int
    account_id: AccountId
    day: date
    bank: int
    booked: int | None


class Stopped(msgspec.Struct, frozen=True, kw_only=True):
    """An account that is stopped, so that its transactions could not be booked."""

    account_id: AccountId
    transactions: int
    reason: str


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """A line that a rule refused."""

    line: int
    account_id: AccountId
    amount: int
    reason: str


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """How many items each list has, also those that the report leaves off."""

    recognised: int
    held: int
    missing: int
    conflicts: int
    openings: int
    differences: int
    stopped: int
    refused: int


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a file's transactions, or with a check alone: what would.

    `to_book` is what a check found; null once it was booked. `already_booked` by earlier runs, or by another one
    meanwhile. `exact`, `rounded`, `differing` and `unchecked` count lines by how the log explains the bank's balances;
    of the unchecked the file states none. `opening` is the sum of all openings. `missing` are entries of earlier
    imports on the days of the file, which the file does not have.
    """

    first_day: date | None
    last_day: date | None
    transactions: int
    accounts: int
    booked: int
    already_booked: int
    to_book: int | None
    held_back: int
    skipped: int
    cleaned: int
    shortened: int
    exact: int
    rounded: int
    differing: int
    unchecked: int
    wrong: int
    opening: int
    milliseconds: int
    is_fine: bool
    listed: Listed
    held: tuple[Held, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    refused: tuple[Refused, ...] = ()
    stopped: tuple[Stopped, ...] = ()
    missing: tuple[Entry, ...] = ()
    openings: tuple[Opening, ...] = ()
    differences: tuple[Difference, ...] = ()
    recognised: tuple[Recognised, ...] = ()
