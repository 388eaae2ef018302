"""Values of a record, as both formats have them. Each raises Fault with the column that is wrong."""

from datetime import date

from app.importing.table import Fault
from app.messages import importing as messages
from domain.dates import EARLIEST, is_value_date
from domain.errors import InvalidAccountId, InvalidAmount
from domain.identifiers import AccountId, parse_account_id
from domain.money import exponent, parse_amount


def account_id(text: str, column: str) -> AccountId:
    try:
        return parse_account_id(text.strip())
    except InvalidAccountId as error:
        raise Fault(str(error).removesuffix("."), column) from None


def amount(text: str, column: str, currency: str) -> int:
    """In minor units. Zeros beyond the currency's digits are taken."""
    try:
        return parse_amount(_without_zeros(text.strip(), exponent(currency)), currency)
    except InvalidAmount as error:
        raise Fault(str(error).removesuffix("."), column) from None


def _without_zeros(text: str, digits: int) -> str:
    whole, point, fraction = text.partition(".")
    if len(fraction) <= digits:
        return text
    kept = fraction[:digits] + fraction[digits:].rstrip("0")
    return f"{whole}{point}{kept}" if kept else whole


def is_far(day: date, today: date) -> bool:
    """Whether no transaction can be of that day."""
    return not is_value_date(day, today)


def why_far(day: date) -> str:
    return messages.day_out_of_range(day.isoformat(), EARLIEST.isoformat())
