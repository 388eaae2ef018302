"""The report of an import: figures, and the first items of each list, for people to act on.

Amounts are in minor units of the import's currency and have a sign. Lines are numbered as in the file, from 1.
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
    """A line that was not booked: it may be the entry `resembles`, for which the file has no other line."""

    line: int
    account_id: AccountId
    day: date
    amount: int
    note: str
    resembles: Entry


class Conflict(msgspec.Struct, frozen=True, kw_only=True):
    """A line whose `id`, which is the bank's, was booked before as another amount: `booked`."""

    line: int
    account_id: AccountId
    id: str
    amount: int
    booked: int


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """An account's balance before the file: what the bank's first balance says, and what the log says."""

    account_id: AccountId
    bank: int
    log: int


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A line that changed the balance by `bank` at the bank, and by `booked` in the log; null if it is not there."""

    line: int
    account_id: AccountId
    day: date
    bank: int
    booked: int | None


class Stopped(msgspec.Struct, frozen=True, kw_only=True):
    """An account whose stream cannot be read, so that so many transactions could not be booked."""

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
    """What became of a file's transactions; of a check: what would become of them.

    `booked` counts what this run booked, and `already_booked` what other runs did. `to_book` counts what a check would
    book; null if the run was no check. `skipped` counts lines of zero, `cleaned` and `shortened` count notes.

    `exact`, `rounded`, `differing` and `unchecked` count lines by how well the log explains the bank's balances; for
    the unchecked ones the file states no balance. `wrong` counts lines that should be in the log and are not, or with
    another amount. `opening` is the sum of bank - log over all openings. `missing` has entries of earlier imports on
    the days of the file, for which the file has no line. `is_fine`: nobody has to act on anything.
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
