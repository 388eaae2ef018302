"""The log against the bank: do the entries explain each change of the bank's balances?

What stood before the file is not the file's business: if its first balance does not follow from what the log holds,
that difference is reported once, as the opening, and the later lines are compared from there.
"""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Final

import msgspec

from app.importing.packed import Listing, Texts
from app.importing.statement import Line
from domain.money import format_amount

ROUNDING: Final = 10
"""The bank rounded interest by at most this many minor units."""


_NOTHING: Final = -(2**63)
"""In place of an amount."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A line that the log does not explain. Amounts are decimal strings; `booked` is None if it is not in the log."""

    line: int
    account: str
    date: date
    bank: str
    booked: str | None


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """What the bank's first balance says that the account had before, and what the log holds. Decimal strings."""

    account: str
    bank: str
    log: str


class Reconciliation:
    """Of one statement. `opening` is the sum of all openings, in minor units.

    exact, rounded, differing: how many changes of the bank's balances the log explains exactly, up to rounding, or not.
    unchecked: how many lines state no balance.
    """

    def __init__(self, currency: str) -> None:
        self.exact = self.rounded = self.differing = self.unchecked = self.opening = 0
        self.differences: Listing[Difference] = Listing("IIIqq", self._difference)
        self.openings: list[Opening] = []
        self._currency, self._texts = currency, Texts()

    def add(
        self, lines: Iterable[tuple[Line, int | None]], before: int, refused: Collection[int] = ()
    ) -> None:
        """The lines of one account with the amounts that were booked for them, None: nothing.

        `before` is the sum of the account's entries before them. `refused` are numbers of lines that a rule refused:
        they are in none of the counts.
        """
        held, balance = before, None
        for line, booked in lines:
            if line.balance is not None:
                if balance is None:
                    balance = line.balance - line.amount
                    self._open(line.account, balance, held)
                if line.number not in refused:
                    self._compare(line, line.balance - balance, booked)
                balance = line.balance
            elif line.number not in refused:
                self.unchecked += 1
                balance = None if balance is None else balance + line.amount
            held += booked or 0

    def _open(self, account: str, bank: int, log: int) -> None:
        if bank != log:
            self.opening += bank - log
            figures = (format_amount(bank, self._currency), format_amount(log, self._currency))
            self.openings.append(Opening(account=account, bank=figures[0], log=figures[1]))

    def _compare(self, line: Line, step: int, booked: int | None) -> None:
        off = None if booked is None else abs(step - booked)
        if off == 0:
            self.exact += 1
        elif off == ROUNDING:
            self.rounded += 1
        else:
            self.differing += 1
            amount = _NOTHING if booked is None else booked
            account = self._texts.add(line.account)
            self.differences.add(line.number, account, line.day.toordinal(), step, amount)

    def _difference(self, line: int, account: int, day: int, bank: int, booked: int) -> Difference:
        return Difference(
            line=line,
            account=self._texts[account],
            date=date.fromordinal(day),
            bank=format_amount(bank, self._currency),
            booked=None if booked == _NOTHING else format_amount(booked, self._currency),
        )
