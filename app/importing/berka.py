"""Transactions of the PKDD'99 Discovery Challenge's bank: latin-1, `;`, CZK, the bank's balance on each line.

Within one account and day the lines are not in order; the balances give the order.
"""

from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final, TypeVar
from uuid import UUID, uuid5

from app.importing import values
from app.importing.arranging import arranged
from app.importing.statement import Line, Statement
from app.importing.table import Fault, Layout, Record, Table
from app.messages import importing as messages

NAME: Final = "berka"
CURRENCY: Final = "CZK"

_TRANSACTIONS: Final = UUID("1d7c6b52-8f0e-5d3a-9d0b-3c1f0e6a9b57")
_LAYOUT: Final = Layout(
    encoding="latin-1",
    delimiters=";",
    required=("trans_id", "account_id", "date", "type", "operation", "amount", "balance", "k_symbol"),
    optional=("bank", "account"),
)
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

_T = TypeVar("_T")


def read(file: Path, *, name: str = "") -> Statement:
    """`name` is what refusals call the file. Raises OSError, Malformed."""
    table, seen = Table(file, _LAYOUT, name), set[str]()
    lines = arranged(table.read(lambda record: _line(record, seen)))
    return Statement(name=name or file.name, format=NAME, digest=table.digest, currency=CURRENCY, lines=lines)


def command_id(key: str) -> UUID:
    """Of the command that books the transaction with this id of the bank."""
    return uuid5(_TRANSACTIONS, key)


def _line(record: Record, seen: set[str]) -> Line:
    fields = record.fields
    key = fields["trans_id"]
    if not key.isdecimal() or key in seen:
        raise Fault(messages.not_a_new_number(key), "trans_id")
    seen.add(key)
    sign = _known(fields, "type", _SIGNS)
    operation = _known(fields, "operation", _OPERATIONS)
    symbol = _known(fields, "k_symbol", _SYMBOLS)
    amount = values.amount(fields["amount"], "amount", CURRENCY)
    if amount <= 0:
        raise Fault(messages.not_above_zero(fields["amount"]), "amount")
    return Line(
        number=record.number,
        account=values.account_id(fields["account_id"], "account_id"),
        day=_day(fields["date"]),
        amount=sign * amount,
        note=symbol or operation,
        key=key,
        balance=values.amount(fields["balance"], "balance", CURRENCY),
    )


def _known(fields: dict[str, str], column: str, meanings: dict[str, _T]) -> _T:
    value = fields[column].strip()
    if value not in meanings:
        raise Fault(messages.not_one_of(value, [*filter(None, meanings)]), column)
    return meanings[value]


@lru_cache(maxsize=1 << 12)
def _day(text: str) -> date:
    try:
        if len(text) == 6 and text.isdecimal():
            return datetime.strptime(f"19{text}", "%Y%m%d").date()
    except ValueError:
        pass
    raise Fault(messages.not_a_date_of_the_bank(text), "date")
