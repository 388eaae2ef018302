"""A file of a bank's transactions: its lines as they are to be booked, and what was noticed when they were read."""

from array import array
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from functools import lru_cache
from struct import Struct
from typing import Final

import msgspec

from app.importing.packed import Lazy
from domain.identifiers import AccountId

_PACKED: Final = Struct("<IqqI")
"""Number, amount, balance, length of the key in bytes. The key and the note follow."""
_day = lru_cache(maxsize=1 << 12)(date.fromordinal)
_NO_BALANCE: Final = -(2**63)


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


class Lines(Lazy[Line]):
    """Lines, packed: about 110 bytes each. They are made when they are asked for."""

    def __init__(self, lines: Iterable[Line]) -> None:
        numbers: dict[AccountId, int] = {}
        self.days = array("i")
        """Of the lines, as proleptic Gregorian ordinals."""
        self.has_balances = False
        self._owners, self._rows = array("I"), list[bytes]()
        for line in lines:
            self._owners.append(numbers.setdefault(line.account, len(numbers)))
            self._rows.append(_packed(line))
            self.days.append(line.day.toordinal())
            self.has_balances |= line.balance is not None
        self._accounts = list(numbers)

    def put(self, order: Sequence[int]) -> None:
        """In the order of these places."""
        self._rows = [self._rows[at] for at in order]
        self._owners = array("I", map(self._owners.__getitem__, order))
        self.days = array("i", map(self.days.__getitem__, order))

    def by_account(self, order: Iterable[int] | None = None) -> "dict[AccountId, array[int]]":
        """The places of the lines of each account, in that order of all places, by default their own."""
        places: dict[int, array[int]] = {}
        for at in range(len(self)) if order is None else order:
            owner = self._owners[at]
            if owner in places:
                places[owner].append(at)
            else:
                places[owner] = array("I", (at,))
        return {self._accounts[owner]: own for owner, own in places.items()}

    def __len__(self) -> int:
        return len(self._rows)

    def _item(self, at: int) -> Line:
        row = self._rows[at]
        number, amount, balance, length = _PACKED.unpack_from(row)
        note = _PACKED.size + length
        return Line(
            number=number,
            account=self._accounts[self._owners[at]],
            day=_day(self.days[at]),
            amount=amount,
            note=row[note:].decode(),
            key=row[_PACKED.size : note].decode(),
            balance=None if balance == _NO_BALANCE else balance,
        )


def _packed(line: Line) -> bytes:
    key = line.key.encode()
    balance = _NO_BALANCE if line.balance is None else line.balance
    return _PACKED.pack(line.number, line.amount, balance, len(key)) + key + line.note.encode()


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """`lines` are by day, and in the bank's order on each account. `digest` is the SHA-256 of the file's bytes.

    `far` are the numbers of lines with a day that cannot be booked. An earlier version may have booked them.
    `skipped` lines were about zero; the notes of `cleaned` lines had characters that cannot be booked, and those of
    `shortened` lines were too long.
    """

    name: str
    format: str
    digest: str
    currency: str
    lines: Lines
    far: Collection[int] = ()
    skipped: int = 0
    cleaned: int = 0
    shortened: int = 0

    @property
    def days(self) -> tuple[date, date] | None:
        """The first and the last one, None if there are no lines."""
        return (self.lines[0].day, self.lines[-1].day) if self.lines else None
