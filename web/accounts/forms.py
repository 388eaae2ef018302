"""The forms of accounts as data: their inputs, what was typed, what is wrong with it, and the result."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID, uuid4

import msgspec
from litestar.datastructures import Headers

from commands.accounts import Receipt
from domain.accounts import AccountAlreadyExists
from domain.errors import CommandRefused
from domain.notes import NOTE_LENGTH, REFERENCE_LENGTH
from domain.quoting import LONGEST
from domain.users import UnknownUser
from web import messages_on_accounts as messages
from web import messages_on_input as on_input
from web.http.codes import FieldCode
from web.http.formats import money
from web.http.inputs import BadKey, FieldError, Fields
from web.http.keys import HEADER, form_key, sent_key
from web.http.problems import Problem
from web.http.typed_amounts import TypedFields


class Input(msgspec.Struct, frozen=True, kw_only=True):
    """A field. `kind` is its style; `attributes` are those of the HTML element; `suffix` is added to what was typed."""

    name: str
    label: str
    kind: str = ""
    attributes: Mapping[str, str] = {}
    suffix: str = ""

    @property
    def is_required(self) -> bool:
        return "required" in self.attributes

    def kept(self, typed: Mapping[str, str]) -> str:
        """What was typed, as far as it can be typed into the field."""
        return typed.get(self.name, "")[: int(self.attributes.get("maxlength", LONGEST))]

    @property
    def is_amount(self) -> bool:
        return self.attributes.get("inputmode") == "decimal"


_MONEY: Final = {"inputmode": "decimal", "maxlength": "24", "class": "num"}
_REQUIRED: Final = {"required": ""}
_ID: Final = {"maxlength": "64", "spellcheck": "false"}
_OPTIONAL: Final = {"placeholder": "optional"}

_ACCOUNT: Final = Input(name="account_id", label="Account", kind="account", attributes=_REQUIRED | _ID)
AMOUNT: Final = Input(
    name="amount",
    label="Amount",
    kind="amount short",
    attributes=_REQUIRED | _MONEY | {"placeholder": "0.00"},
)
CURRENCY: Final = Input(
    name="currency",
    label="Currency",
    kind="short",
    attributes=_REQUIRED | {"maxlength": "3", "class": "currency"},
)
_NOTE: Final = Input(
    name="note",
    label="Note",
    kind="note",
    attributes=_OPTIONAL | {"maxlength": str(NOTE_LENGTH), "dir": "auto"},
)
_REFERENCE: Final = Input(
    name="reference",
    label="Reference",
    kind="note",
    attributes=_OPTIONAL | {"maxlength": str(REFERENCE_LENGTH), "dir": "auto", "spellcheck": "false"},
)
_VALUE_DATE: Final = Input(name="value_date", label="Value date", kind="date", attributes={"type": "date"})
HOLDER: Final = Input(name="user_id", label="Holder's id", kind="account", attributes=_OPTIONAL | _ID)
LIMIT: Final = Input(
    name="limit", label="Limit", kind="amount", attributes=_REQUIRED | _MONEY | {"placeholder": "0.00"}
)
EXPIRES: Final = Input(
    name="expires",
    label="Ends at (UTC)",
    kind="time",
    attributes={"type": "datetime-local"},
    suffix="Z",
)
PART: Final = Input(
    name="amount", label="Amount", kind="amount", attributes=_MONEY | {"placeholder": "all of it"}
)

OPENING: Final = (_ACCOUNT, AMOUNT, CURRENCY, HOLDER, _NOTE)
"""Of the form that opens an account by a deposit."""
FOR_A_PERSON: Final = (
    CURRENCY,
    Input(
        name="account_id",
        label="Account",
        kind="account",
        attributes=_ID | {"placeholder": "chosen if empty"},
    ),
)
"""Of the form that opens an account for a person whose page it is on."""
ENTRY: Final = (AMOUNT, _NOTE, _REFERENCE, _VALUE_DATE)
"""Of the form on the page of an account."""


class Booked(msgspec.Struct, frozen=True, kw_only=True):
    """`settled`: the read models have reached `position`. `opened` is the id of the account that it opened."""

    text: str
    position: int
    settled: bool = False
    opened: str = ""


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """`key` is the command's id: a form that is sent twice books once. `taken` is the id of an account that was to be
    opened and exists already.
    """

    key: UUID
    inputs: Sequence[Input]
    values: Mapping[str, str]
    errors: Mapping[str, str] = {}
    refusal: str = ""
    taken: str = ""

    def focused(self, booked: Booked | None) -> str:
        """The field that gets the focus: the first wrong one, or after a refusal or an entry the first to fill in."""
        wrong = [each.name for each in self.inputs if each.name in self.errors]
        first = [each.name for each in self.inputs[:1]]
        return next(iter(wrong or (first if self.refusal or booked else [])), "")


def fresh(inputs: Sequence[Input], currency: str = "") -> Form:
    return Form(key=uuid4(), inputs=inputs, values={"currency": currency})


def refused(form: Form, typed: Mapping[str, str], key: UUID, error: Exception, problem: Problem) -> Form:
    """The form as it was typed, with what is wrong. It keeps its key, unless the key was refused."""
    names = {each.name for each in form.inputs}
    errors = {wrong.field: wrong.detail for wrong in problem.errors}
    if isinstance(error, UnknownUser) and HOLDER in form.inputs:
        errors = {HOLDER.name: problem.detail}
    shown = {field: detail for field, detail in errors.items() if field in names}
    return Form(
        key=uuid4() if isinstance(error, CommandRefused) else key,
        inputs=form.inputs,
        values={
            **form.values,
            **{each.name: each.kept(typed) for each in form.inputs if typed.get(each.name)},
        },
        errors=shown,
        refusal="" if shown and len(shown) == len(errors) else problem.detail,
        taken=typed.get("account_id", "").strip() if isinstance(error, AccountAlreadyExists) else "",
    )


def key_of(headers: Headers, typed: Mapping[str, str]) -> UUID:
    """The command's id: its field, or an Idempotency-Key. Raises BadInput, BadKey."""
    sent = sent_key(headers)
    fields = Fields(typed)
    if sent is None:
        fields.require("key")
    key = fields.read("key", form_key, sent or uuid4())
    fields.check()
    if sent is not None and key != sent:
        raise BadKey((FieldError(HEADER, FieldCode.INVALID_KEY, on_input.KEY_IN_TWO_PLACES),))
    return key


def fields_of(inputs: Sequence[Input], typed: Mapping[str, str], more: Mapping[str, str] = {}) -> Fields:
    """`more` are fields that are no inputs."""
    given = {each.name: typed[each.name] + each.suffix for each in inputs if typed.get(each.name)}
    amounts = frozenset(each.name for each in inputs if each.is_amount)
    fields = TypedFields({**given, **more}, amounts)
    for each in inputs:
        if each.is_required:
            fields.require(each.name)
    return fields


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
