"""Typed or sent text -> values, with every bad field named. Forms and JSON bodies are read in the same way."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Final, TypeVar
from uuid import UUID

import msgspec

from domain.dates import check_value_date
from domain.errors import InvalidAmount, InvalidInput, InvalidValueDate
from domain.messages import AMOUNT_NOT_ABOVE_ZERO
from domain.money import SPACES, Amount, exponent, parse_decimal
from domain.notes import check_note, check_reference
from domain.quoting import shortened
from web import messages_on_input as on_input
from web.http.codes import CODES, FieldCode

T = TypeVar("T")


def grouped(signs: str) -> str:
    """A regular expression of an amount without its decimals: groups of three digits, with one of `signs` between them,
    the same one each time.
    """
    return rf"[+-]?[1-9][0-9]{{0,2}}(?P<sign>[{signs}])[0-9]{{3}}(?:(?P=sign)[0-9]{{3}})*"


_WITH_SPACES: Final = re.compile(grouped(SPACES) + r"(?:\.[0-9]*)?")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_TIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?([Zz]|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)
MOST_FAULTS: Final = 20
"""How many wrong fields a refusal names."""


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
    """Some fields cannot be read; `errors` has the first MOST_FAULTS of them. The message has a sentence for each."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        self.errors = tuple(errors[:MOST_FAULTS])
        said = [f"{error.field}: {error.detail}" for error in self.errors]
        others = len(errors) - len(self.errors)
        super().__init__(" ".join([*said, on_input.more_faults(others)] if others else said))


class BadKey(BadInput):
    """The Idempotency-Key cannot be used."""


class BadCondition(BadInput):
    """If-Match cannot be read."""


class BadCorrelation(BadInput):
    """The X-Correlation-ID cannot be used."""


class Fields:
    """Reads fields one by one and remembers what is wrong with each: `check` raises it all at once."""

    def __init__(self, given: Mapping[str, object], known: frozenset[str] | None = None) -> None:
        self._given = given
        self._doubts: list[FieldError] = []
        unknown = sorted(set(given) - known) if known is not None else []
        self._errors = [
            FieldError(shortened(name), FieldCode.UNKNOWN_FIELD, on_input.FIELD_UNKNOWN) for name in unknown
        ]

    def read(self, name: str, parse: Callable[[str], T], fallback: T) -> T:
        """`parse(text)`, or `fallback` if the field is absent, empty or wrong.

        `parse` raises InvalidInput or BadText.
        """
        value = self._given.get(name)
        if value is None or value == "":
            return fallback
        if not isinstance(value, str):
            self._wrong(name, FieldCode.NOT_A_STRING, on_input.not_a_string(_kind(value)))
            return fallback
        try:
            return parse(value)
        except InvalidInput as error:
            self._wrong(name, CODES[type(error)], str(error))
        except BadText as error:
            self._wrong(name, error.code, str(error))
        return fallback

    def value_date(self, today: date) -> date | None:
        """The field `value_date`. A day that no entry can have is named only together with other wrong fields.

        Alone it is left to the decision: a command that was booked before is answered as then, whatever its day.
        """
        day = self.read("value_date", calendar_day, None)
        try:
            check_value_date(day, today)
        except InvalidValueDate as error:
            self._doubts.append(FieldError("value_date", CODES[InvalidValueDate], str(error)))
        return day

    def sends(self, name: str) -> bool:
        """Whether the field is there, also if it is empty."""
        return name in self._given

    def require(self, name: str) -> None:
        if self._given.get(name) in (None, ""):
            self._wrong(name, FieldCode.MISSING, on_input.FIELD_MISSING)

    def check(self) -> None:
        if self._errors:
            raise BadInput([*self._errors, *self._doubts])

    def _wrong(self, name: str, code: FieldCode, detail: str) -> None:
        self._errors.append(FieldError(name, code, detail))


def ungrouped(text: str) -> str:
    """Without the spaces between groups of three digits; text with other spaces stays as it is."""
    amount = text.strip(SPACES)
    found = _WITH_SPACES.fullmatch(amount)
    return amount.replace(found["sign"], "") if found else text


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
    raise BadText(FieldCode.NOT_A_DATE, on_input.not_a_date(text))


def point_in_time(text: str) -> datetime:
    """An RFC 3339 time, in UTC; the seconds may be left out. Raises BadText."""
    try:
        if _TIME.fullmatch(text):
            return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise BadText(FieldCode.NOT_A_TIME, on_input.not_a_time(text))


def one_line(text: str) -> str:
    """Without spaces around it. Raises InvalidNote."""
    check_note(text.strip(" "))
    return text.strip()


def reference_line(text: str) -> str:
    """Without spaces around it. Raises InvalidReference."""
    check_reference(text.strip(" "))
    return text.strip()


def yes_or_no(text: str) -> bool:
    """ "1" or "0". Raises BadText."""
    if text not in ("0", "1"):
        raise BadText(FieldCode.NOT_AN_OPTION, on_input.NEITHER_ONE_NOR_ZERO)
    return text == "1"


def id_in_address(name: str, text: str) -> UUID:
    """Of what an address calls `name`. Raises BadInput."""
    try:
        return UUID(text)
    except ValueError:
        detail = on_input.not_an_id(text)
        raise BadInput((FieldError(name, FieldCode.NOT_A_UUID, detail),)) from None


def _kind(value: object) -> str:
    match value:
        case bool():
            return on_input.BOOLEAN
        case int() | float():
            return on_input.NUMBER
        case list():
            return on_input.LIST
        case _:
            return on_input.OBJECT
