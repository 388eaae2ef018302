"""Typed or sent text -> values, with every bad field named. Forms and JSON bodies are read in the same way."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final, TypeVar
from uuid import UUID, uuid4

import msgspec

from domain.errors import DomainError
from domain.money import Amount, exponent, parse_decimal
from domain.notes import check_note

T = TypeVar("T")

_GROUPING: Final = re.compile(r"(?<=\d)[ \u00a0\u2009\u202f](?=\d)")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class FieldError(msgspec.Struct, frozen=True):
    field: str
    detail: str


class BadInput(Exception):
    """Some fields cannot be read; `errors` has all of them."""

    def __init__(self, errors: tuple[FieldError, ...]) -> None:
        super().__init__("; ".join(f"{error.field}: {error.detail}" for error in errors))
        self.errors = errors


class BadKey(BadInput):
    """The Idempotency-Key is not a UUID."""


class Fields:
    """Reads fields one by one and remembers what is wrong with each: `check` raises it all at once."""

    def __init__(self, given: Mapping[str, object], known: frozenset[str] | None = None) -> None:
        self._given = given
        unknown = sorted(set(given) - known) if known is not None else []
        self._errors = [FieldError(name, "This field does not exist.") for name in unknown]

    def read(self, name: str, parse: Callable[[str], T], fallback: T) -> T:
        """`parse(text)`, or `fallback` if the field is absent, empty or wrong."""
        value = self._given.get(name)
        if value is None or value == "":
            return fallback
        if not isinstance(value, str):
            self.wrong(name, f"This has to be a string in quotes, not {_kind(value)}.")
            return fallback
        try:
            return parse(value)
        except (DomainError, ValueError) as error:
            self.wrong(name, str(error))
            return fallback

    def require(self, name: str) -> None:
        if self._given.get(name) in (None, ""):
            self.wrong(name, "This field is required.")

    def wrong(self, name: str, detail: str) -> None:
        self._errors.append(FieldError(name, detail))

    def check(self) -> None:
        if self._errors:
            raise BadInput(tuple(self._errors))


def ungrouped(text: str) -> str:
    return _GROUPING.sub("", text)


def positive_amount(text: str) -> Amount:
    """Above zero; the spaces that group digits on pages are allowed."""
    amount = parse_decimal(ungrouped(text))
    if amount.units <= 0:
        raise ValueError("The amount has to be above zero.")
    return amount


def currency_code(text: str) -> str:
    code = text.strip().upper()
    exponent(code)
    return code


def calendar_day(text: str) -> date:
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError(f"{text!r} is not a date; write it as 2026-11-24.")


def one_line(text: str) -> str:
    note = text.strip()
    check_note(note)
    return note


def command_id(text: str | None) -> UUID:
    """The Idempotency-Key, or a new id if none was sent. Raises BadKey."""
    if text is None:
        return uuid4()
    try:
        return UUID(text)
    except ValueError:
        detail = (
            f"{text[:80]!r} is not a UUID. Send one, for example {uuid4()}, "
            "and send the same one again to repeat a command."
        )
        raise BadKey((FieldError("Idempotency-Key", detail),)) from None


def _kind(value: object) -> str:
    match value:
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case list():
            return "a list"
        case _:
            return "an object"
