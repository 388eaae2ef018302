"""A plain CSV file: UTF-8, `account,date,amount,note`, the header required; `amount` has a sign, `date` is ISO 8601."""

import re
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Final
from uuid import UUID, uuid5

import msgspec

from app.importing.statement import Line, Transaction, checked, lines_of, text_of
from app.messages import importing as messages
from domain.accounts import RecordEntry
from domain.errors import InvalidAmount
from domain.money import parse_amount

_LINES: Final = UUID("5b0c6a0e-6f1d-5c34-8a55-0d9f2f6a7c11")
_COLUMNS: Final = ("account", "date", "amount", "note")
_CHECKED: Final = {"account_id": "account", "amount": "amount", "note": "note"}
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def read(file: Path, currency: str) -> list[Transaction]:
    """By date; transactions of one day in the file's order. Raises OSError, Malformed, UnknownCurrency."""
    alike: Counter[bytes] = Counter()
    transactions = []
    for line in lines_of(file, text_of(file, "utf-8-sig"), delimiter=",", columns=_COLUMNS):
        transactions.append(_transaction(line, currency, alike))
    return sorted(transactions, key=lambda transaction: transaction.command.booked_on)


def _transaction(line: Line, currency: str, alike: Counter[bytes]) -> Transaction:
    """A line has no id. So its id is made from its content and, for identical lines, from its number among them."""
    account_id, _, _, note = line.fields.values()
    amount = _amount(line, currency)
    day = _date(line)
    content = msgspec.json.encode((account_id, day, amount, currency, note))
    alike[content] += 1
    command = RecordEntry(
        account_id=line.account_id("account"),
        command_id=uuid5(_LINES, f"{content.decode()} {alike[content]}"),
        amount=amount,
        currency=currency,
        booked_on=day,
        note=note,
    )
    return Transaction(
        command=checked(command, line, _CHECKED), line=line.number, reference=messages.line(line.number)
    )


def _amount(line: Line, currency: str) -> int:
    try:
        return parse_amount(line.fields["amount"], currency)
    except InvalidAmount as error:
        raise line.malformed("amount", str(error).removesuffix(".")) from None


def _date(line: Line) -> date:
    value = line.fields["date"]
    try:
        if _DATE.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise line.malformed("date", messages.not_a_date(value))
