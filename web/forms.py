"""The form that books entries: what was typed in, and what came of it."""

from collections.abc import Mapping
from datetime import date
from typing import Final
from uuid import UUID, uuid4

import msgspec

from commands.outcomes import Outcome
from domain.account import Deposit, Withdraw
from domain.errors import CommandRefused
from web.formats import money
from web.inputs import (
    Fields,
    account_name,
    calendar_day,
    currency_code,
    one_line,
    positive_amount,
)
from web.problems import Problem

KINDS: Final[dict[str, tuple[type[Deposit] | type[Withdraw], str]]] = {
    "deposit": (Deposit, "Deposited"),
    "withdrawal": (Withdraw, "Withdrew"),
}
_TYPED: Final = ("account_id", "amount", "currency", "note", "value_date")


class Booked(msgspec.Struct, frozen=True, kw_only=True):
    """`settled` once the read models have passed `position`."""

    text: str
    position: int
    settled: bool = False


class EntryForm(msgspec.Struct, frozen=True, kw_only=True):
    """`key` is the command's id: sent twice, the form books once."""

    key: UUID
    values: dict[str, str]
    errors: dict[str, str] = {}
    refusal: str = ""


def fresh(currency: str, account_id: str = "") -> EntryForm:
    values = dict.fromkeys(_TYPED, "") | {"currency": currency, "account_id": account_id}
    return EntryForm(key=uuid4(), values=values)


def refused(
    typed: Mapping[str, str], key: UUID, currency: str, error: Exception, problem: Problem
) -> EntryForm:
    """The form as it was typed in, with what is wrong. Its key stays, unless that is what was refused."""
    values = {name: typed.get(name, "") for name in _TYPED}
    errors = {wrong.field: wrong.detail for wrong in problem.errors}
    shown = {field: detail for field, detail in errors.items() if field in values}
    return EntryForm(
        key=uuid4() if isinstance(error, CommandRefused) else key,
        values=values | {"currency": values["currency"] or currency},
        errors=shown,
        refusal="" if shown and len(shown) == len(errors) else problem.detail,
    )


def key_of(typed: Mapping[str, str]) -> UUID:
    """Raises BadInput."""
    fields = Fields(typed)
    fields.require("key")
    key = fields.read("key", UUID, uuid4())
    fields.check()
    return key


def command_of(
    typed: Mapping[str, object], kind: str, key: UUID, account_id: str | None, currency: str, today: date
) -> Deposit | Withdraw:
    """Raises BadInput with all that is wrong. The account is typed in where `account_id` is None."""
    fields = Fields(typed)
    if account_id is None:
        fields.require("account_id")
        account_id = fields.read("account_id", account_name, "x")
    code = fields.read("currency", currency_code, currency)
    fields.require("amount")
    command = KINDS[kind][0](
        account_id=account_id,
        command_id=key,
        amount=fields.read("amount", lambda text: positive_amount(text, code), 1),
        currency=code,
        booked_on=today,
        value_date=fields.read("value_date", calendar_day, None),
        note=fields.read("note", one_line, ""),
    )
    fields.check()
    return command


def said(kind: str, command: Deposit | Withdraw, outcome: Outcome) -> str:
    again = " before" if outcome.repeated else ""
    joint = "to" if kind == "deposit" else "from"
    amount = f"{money(command.amount, command.currency)} {command.currency}"
    return f"{KINDS[kind][1]}{again} {amount} {joint} {outcome.account_id},"
