"""Typed or sent text -> values, with every bad field named. Forms and JSON bodies are read in the same way."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Final, TypeVar
from uuid import UUID, uuid4, uuid5

import msgspec

from domain.errors import InvalidAmount, InvalidInput
from domain.messages import AMOUNT_NOT_ABOVE_ZERO
from domain.money import Amount, exponent, parse_decimal
from domain.notes import check_note, check_reference
from web import messages
from web.http.codes import CODES, FieldCode

T = TypeVar("T")

_GROUPING: Final = re.compile(r"(?<=\d)[ \u00a0\u2009\u202f](?=\d)")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_TIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?([Zz]|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)
_QUOTED: Final = 80
"""How many characters of an invalid key its refusal quotes."""
LONGEST_KEY: Final = 255
_KEYS: Final = UUID("dd66c452-0268-44dd-aa0d-c01601624119")
"""The namespace of command ids that are made of Idempotency-Keys. Another one would book retries again."""
_STRING: Final = re.compile(r'"((?:[^"\\]|\\["\\])*)"')
"""A string of Structured Fields (RFC 8941), in which a quote and a backslash have a backslash before them."""


class FieldError(msgspec.Struct, frozen=True):
    """`code` is stable: programs compare it. `detail` is a sentence for people."""

    field: str
    code: FieldCode
    detail: str


class BadText(Exception):
    """The text of a field cannot be read; `code` and the message say why."""

    def __init__(self, code: FieldCode, message: str) -> None:
        super().__init__(message)
        self.code = code


class BadInput(Exception):
    """Some fields cannot be read; `errors` has all of them."""

    def __init__(self, errors: tuple[FieldError, ...]) -> None:
        super().__init__("; ".join(f"{error.field}: {error.detail}" for error in errors))
        self.errors = errors


class BadKey(BadInput):
    """The Idempotency-Key is empty or too long."""


class BadCondition(BadInput):
    """If-Match cannot be read."""


class BadCorrelation(BadInput):
    """The X-Correlation-ID cannot be used."""


class Fields:
    """Reads fields one by one and remembers what is wrong with each: `check` raises it all at once."""

    def __init__(self, given: Mapping[str, object], known: frozenset[str] | None = None) -> None:
        self._given = given
        unknown = sorted(set(given) - known) if known is not None else []
        self._errors = [FieldError(name, FieldCode.UNKNOWN_FIELD, messages.FIELD_UNKNOWN) for name in unknown]

    def read(self, name: str, parse: Callable[[str], T], fallback: T) -> T:
        """`parse(text)`, or `fallback` if the field is absent, empty or wrong.

        `parse` raises InvalidInput or BadText.
        """
        value = self._given.get(name)
        if value is None or value == "":
            return fallback
        if not isinstance(value, str):
            self._wrong(name, FieldCode.NOT_A_STRING, messages.not_a_string(_kind(value)))
            return fallback
        try:
            return parse(value)
        except InvalidInput as error:
            self._wrong(name, CODES[type(error)], str(error))
        except BadText as error:
            self._wrong(name, error.code, str(error))
        return fallback

    def sends(self, name: str) -> bool:
        """Whether the field is there, also if it is empty."""
        return name in self._given

    def require(self, name: str) -> None:
        if self._given.get(name) in (None, ""):
            self._wrong(name, FieldCode.MISSING, messages.FIELD_MISSING)

    def check(self) -> None:
        if self._errors:
            raise BadInput(tuple(self._errors))

    def _wrong(self, name: str, code: FieldCode, detail: str) -> None:
        self._errors.append(FieldError(name, code, detail))


def ungrouped(text: str) -> str:
    return _GROUPING.sub("", text)


def positive_amount(text: str) -> Amount:
    """Above zero; the spaces that group digits on pages are allowed. Raises InvalidAmount."""
    amount = parse_decimal(ungrouped(text))
    if amount.units <= 0:
        raise InvalidAmount(AMOUNT_NOT_ABOVE_ZERO)
    return amount


def any_amount(text: str) -> Amount:
    """As `positive_amount`, but what it may be is left to the domain. Raises InvalidAmount."""
    return parse_decimal(ungrouped(text))


def currency_code(text: str) -> str:
    code = text.strip().upper()
    exponent(code)
    return code


def calendar_day(text: str) -> date:
    """Raises BadText."""
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise BadText(FieldCode.NOT_A_DATE, messages.not_a_date(text))


def point_in_time(text: str) -> datetime:
    """An RFC 3339 time, in UTC; the seconds may be left out. Raises BadText."""
    try:
        if _TIME.fullmatch(text):
            return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise BadText(FieldCode.NOT_A_TIME, messages.not_a_time(text[:_QUOTED]))


def one_line(text: str) -> str:
    note = text.strip()
    check_note(note)
    return note


def reference_line(text: str) -> str:
    reference = text.strip()
    check_reference(reference)
    return reference


def command_id(text: str | None) -> UUID:
    """The id that an Idempotency-Key stands for, quoted or bare; a new id if none was sent. Raises BadKey."""
    if text is None:
        return uuid4()
    quoted = _STRING.fullmatch(text)
    key = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else text
    if not 0 < len(_decoded(key)) <= LONGEST_KEY:
        detail = messages.not_an_idempotency_key(LONGEST_KEY)
        raise BadKey((FieldError("Idempotency-Key", FieldCode.INVALID_KEY, detail),))
    try:
        return UUID(key)
    except ValueError:
        return uuid5(_KEYS, _decoded(key))


def _decoded(header: str) -> str:
    """The text of a header, of which the server knows only the bytes."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeError:
        return header


def yes_or_no(text: str) -> bool:
    """ "1" or "0". Raises BadText."""
    if text not in ("0", "1"):
        raise BadText(FieldCode.NOT_AN_OPTION, messages.NEITHER_ONE_NOR_ZERO)
    return text == "1"


def id_in_address(name: str, text: str) -> UUID:
    """Of what an address calls `name`. Raises BadInput."""
    try:
        return UUID(text)
    except ValueError:
        detail = messages.not_an_id(text[:_QUOTED])
        raise BadInput((FieldError(name, FieldCode.NOT_A_UUID, detail),)) from None


def form_key(text: str) -> UUID:
    """Raises BadText."""
    try:
        return UUID(text)
    except ValueError:
        raise BadText(FieldCode.NOT_A_UUID, messages.not_a_form_key(text[:_QUOTED])) from None


def _kind(value: object) -> str:
    match value:
        case bool():
            return messages.BOOLEAN
        case int() | float():
            return messages.NUMBER
        case list():
            return messages.LIST
        case _:
            return messages.OBJECT
