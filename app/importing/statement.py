"""A file of a bank's transactions: its lines as they are to be booked, and what was noticed when they were read."""

from collections.abc import Sequence
from datetime import date

import msgspec

from domain.identifiers import AccountId


class Line(msgspec.Struct, frozen=True, gc=False):
    """A transaction that the bank booked. Money is in minor units of the statement's currency; `amount` has a sign.

    `number` is its first line in the file, counted from 1. `key` is the bank's own id of the transaction, empty if the
    file has none. `balance` is the bank's balance after it, None if the file does not have one.
    """

    number: int
    account: AccountId
    day: date
    amount: int
    note: str
    key: str = ""
    balance: int | None = None


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """`lines` are by day, and in the bank's order on each account. `digest` is the SHA-256 of the file's bytes.

    `skipped` lines were about zero; the notes of `cleaned` lines had characters that cannot be booked, and those of
    `shortened` lines were too long.
    """

    name: str
    format: str
    digest: str
    currency: str
    lines: Sequence[Line]
    skipped: int = 0
    cleaned: int = 0
    shortened: int = 0

    @property
    def days(self) -> tuple[date, date] | None:
        """The first and the last one, None if there are no lines."""
        return (self.lines[0].day, self.lines[-1].day) if self.lines else None
