"""Transactions of the PKDD'99 Discovery Challenge's bank: latin-1, `;`, CZK, the bank's balance on each line.

Within one account and day the lines are not in order; the balances give the order.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Final, TypeVar
from uuid import UUID, uuid5

from app.importing.statement import Line, Transaction, checked, lines_of, text_of
from app.messages import importing as messages
from domain.accounts import RecordEntry
from domain.errors import InvalidAmount
from domain.money import parse_amount

_T = TypeVar("_T")

CURRENCY: Final = "CZK"
_TRANSACTIONS: Final = UUID("1d7c6b52-8f0e-5d3a-9d0b-3c1f0e6a9b57")
_COLUMNS: Final = (
    "trans_id",
    "account_id",
    "date",
    "type",
    "operation",
    "amount",
    "balance",
    "k_symbol",
    "bank",
    "account",
)
_CHECKED: Final = {"account_id": "account_id", "amount": "amount", "note": "k_symbol", "currency": "amount"}
_SIGNS: Final = {"PRIJEM": 1, "VYDAJ": -1, "VYBER": -1}
_OPERATIONS: Final = {
    "VKLAD": "cash deposit",
    "VYBER": "cash withdrawal",
    "VYBER KARTOU": "card",
    "PREVOD Z UCTU": "from another bank",
    "PREVOD NA UCET": "to another bank",
    "": "",
}
_SYMBOLS: Final = {
    "UROK": "interest",
    "SIPO": "household",
    "SLUZBY": "fee",
    "POJISTNE": "insurance",
    "DUCHOD": "pension",
    "UVER": "loan",
    "SANKC. UROK": "penalty interest",
    "": "",
}


def read(file: Path) -> list[Transaction]:
    """In the order in which the bank booked them on each account. Raises OSError, Malformed."""
    seen: set[str] = set()
    transactions = []
    for line in lines_of(file, text_of(file, "latin-1"), delimiter=";", columns=_COLUMNS):
        identifier = line.fields["trans_id"]
        if not identifier.isdecimal() or identifier in seen:
            raise line.malformed("trans_id", messages.not_a_new_number(identifier))
        seen.add(identifier)
        transactions.append(_transaction(line))
    return in_order(transactions)


def _transaction(line: Line) -> Transaction:
    fields = line.fields
    sign = _known(line, "type", _SIGNS)
    operation = _known(line, "operation", _OPERATIONS)
    symbol = _known(line, "k_symbol", _SYMBOLS)
    amount = _amount(line, "amount")
    if amount <= 0:
        raise line.malformed("amount", messages.not_above_zero(fields["amount"]))
    command = RecordEntry(
        account_id=line.account_id("account_id"),
        command_id=uuid5(_TRANSACTIONS, fields["trans_id"]),
        amount=sign * amount,
        currency=CURRENCY,
        booked_on=_date(line),
        note=symbol or operation,
    )
    return Transaction(
        command=checked(command, line, _CHECKED),
        line=line.number,
        reference=messages.transaction(fields["trans_id"]),
        balance=_amount(line, "balance"),
    )


def _known(line: Line, column: str, meanings: dict[str, _T]) -> _T:
    value = line.fields[column].strip()
    if value not in meanings:
        raise line.malformed(column, messages.not_one_of(value, [*filter(None, meanings)]))
    return meanings[value]


def _amount(line: Line, column: str) -> int:
    try:
        return parse_amount(line.fields[column], CURRENCY)
    except InvalidAmount as error:
        raise line.malformed(column, str(error).removesuffix(".")) from None


def _date(line: Line) -> date:
    value = line.fields["date"]
    try:
        if len(value) == 6 and value.isdecimal():
            return datetime.strptime(f"19{value}", "%Y%m%d").date()
    except ValueError:
        pass
    raise line.malformed("date", messages.not_a_date_of_the_bank(value))


def in_order(transactions: Iterable[Transaction]) -> list[Transaction]:
    """By date. Within one account and day, the line that continues the bank's balance best comes next."""
    days: dict[date, dict[str, list[Transaction]]] = defaultdict(lambda: defaultdict(list))
    for transaction in transactions:
        days[transaction.command.booked_on][transaction.command.account_id].append(transaction)
    balances: dict[str, int] = defaultdict(int)
    ordered = []
    for day in sorted(days):
        for account_id, pending in days[day].items():
            for transaction in _continuing(balances[account_id], pending):
                balances[account_id] = transaction.balance or 0
                ordered.append(transaction)
    return ordered


def _continuing(balance: int, pending: Sequence[Transaction]) -> Iterator[Transaction]:
    left = list(pending)
    while left:
        following = min(left, key=lambda each: abs((each.balance or 0) - balance - each.command.amount))
        left.remove(following)
        balance = following.balance or 0
        yield following
