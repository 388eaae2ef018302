"""The form that books entries: what was typed, what is wrong with it, and the result."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote
from uuid import UUID, uuid4

import msgspec

from commands.accounts import Receipt
from domain.accounts import Deposit, Withdraw
from domain.errors import CommandRefused
from web import messages
from web.accounts.commands import Entry
from web.http.codes import FieldCode
from web.http.formats import money
from web.http.inputs import BadInput, FieldError, Fields, form_key
from web.http.problems import Problem
from web.http.rendering import TemplateContext

KINDS: Final[dict[str, type[Entry]]] = {"deposit": Deposit, "withdrawal": Withdraw}
_TYPED: Final = ("account_id", "amount", "currency", "note", "value_date")


class Booked(msgspec.Struct, frozen=True, kw_only=True):
    """`settled`: the read models have reached `position`."""

    text: str
    position: int
    settled: bool = False


class EntryForm(msgspec.Struct, frozen=True, kw_only=True):
    """`key` is the command's id: a form that is sent twice books once."""

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
    """The form as it was typed, with what is wrong. It keeps its key, unless the key was refused."""
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
    key = fields.read("key", form_key, uuid4())
    fields.check()
    return key


def fields_of(typed: Mapping[str, str], account_id: str | None) -> Fields:
    fields = Fields(typed)
    if account_id is None:
        fields.require("account_id")
    fields.require("amount")
    return fields


def kind_of(typed: Mapping[str, str]) -> type[Entry]:
    """Raises BadInput."""
    kind = KINDS.get(typed.get("kind", "deposit"))
    if kind is None:
        detail = messages.NEITHER_DEPOSIT_NOR_WITHDRAWAL
        raise BadInput((FieldError("kind", FieldCode.NOT_AN_OPTION, detail),))
    return kind


def sentence_on(receipt: Receipt) -> str:
    """The beginning of a sentence; the state of settling follows it."""
    amount = receipt.amount or 0
    first, again = (
        (messages.deposited, messages.deposited_before)
        if amount > 0
        else (messages.withdrew, messages.withdrew_before)
    )
    said = again if receipt.repeated else first
    return said(f"{money(abs(amount), receipt.currency)} {receipt.currency}", receipt.account_id)


def context_of(
    form: EntryForm, *, account_id: str | None, asks_currency: bool, booked: Booked | None = None
) -> TemplateContext:
    """The context of accounts/_entry_form.html. With `account_id` None the form has a field for it."""
    action = "/entries" if account_id is None else f"/accounts/{quote(account_id)}/entries"
    return {
        "account_id": account_id,
        "action": action,
        "form": form,
        "booked": booked,
        "asks_currency": asks_currency,
    }
