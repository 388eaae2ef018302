"""A plain CSV file: UTF-8, with the columns account, date, amount and note, and perhaps balance, in any order.

`amount` has a sign, `date` is ISO 8601. Further columns are ignored.
"""

import re
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Final

from app.importing import values
from app.importing.arranging import arranged
from app.importing.statement import Line, Statement
from app.importing.table import Fault, Layout, Record, Table
from app.importing.text import cleaned
from app.messages import importing as messages
from domain.marks import visible
from domain.notes import NOTE_LENGTH

NAME: Final = "csv"

_LAYOUT: Final = Layout(
    encoding="utf-8-sig",
    delimiters=",;\t",
    required=("account", "date", "amount", "note"),
    optional=("balance",),
)
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_CUT: Final = "\u2026"


def read(file: Path, currency: str, *, today: date, shorten_notes: bool = False, name: str = "") -> Statement:
    """`today` bounds the dates; `name` is what refusals call the file. Raises OSError, Malformed, UnknownCurrency."""
    table = Table(file, _LAYOUT, name)
    reading = _Reading(table, currency, today, shorten_notes=shorten_notes)
    lines = arranged(line for line in table.read(reading.line) if line is not None)
    return Statement(
        name=name or file.name,
        format=NAME,
        digest=table.digest,
        currency=currency,
        lines=lines,
        far=reading.far,
        skipped=reading.skipped,
        cleaned=reading.cleaned,
        shortened=reading.shortened,
    )


class _Reading:
    def __init__(self, table: Table, currency: str, today: date, *, shorten_notes: bool) -> None:
        self.skipped = self.cleaned = self.shortened = 0
        self.far = set[int]()
        self._table, self._currency, self._today, self._shorten = table, currency, today, shorten_notes

    def line(self, record: Record) -> Line | None:
        """None: it is about zero. Raises Fault."""
        fields = record.fields
        account = values.account_id(fields["account"], "account")
        day = _day(fields["date"])
        amount = values.amount(fields["amount"], "amount", self._currency)
        note = self._note(fields["note"])
        balance = fields.get("balance", "").strip()
        if amount == 0:
            self.skipped += 1
            return None
        if values.is_far(day, self._today):
            self.far.add(record.number)
            self._table.doubt(record.number, values.why_far(day), "date")
        return Line(
            number=record.number,
            account=account,
            day=day,
            amount=amount,
            note=note,
            balance=values.amount(balance, "balance", self._currency) if balance else None,
        )

    def _note(self, text: str) -> str:
        note = cleaned(text)
        self.cleaned += note != text.strip(" ")
        if len(note) <= NOTE_LENGTH:
            return note
        if not self._shorten:
            raise Fault(messages.note_too_long(len(note), NOTE_LENGTH), "note")
        self.shortened += 1
        return visible(note[: NOTE_LENGTH - 1]) + _CUT  # a flag that is cut leaves marks that nobody sees


@lru_cache(maxsize=1 << 12)
def _day(text: str) -> date:
    try:
        if _DATE.fullmatch(text.strip()):
            return date.fromisoformat(text.strip())
    except ValueError:
        pass
    raise Fault(messages.not_a_date(text), "date")
