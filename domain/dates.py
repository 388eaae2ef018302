"""The days from which entries may count."""

from datetime import date, timedelta
from typing import Final

from domain import messages
from domain.errors import InvalidValueDate

EARLIEST: Final = date(1900, 1, 1)
_YEAR: Final = timedelta(days=366)


def is_value_date(day: date, today: date) -> bool:
    """From 1900 to a year ahead: others are mistakes."""
    return EARLIEST <= day <= today + _YEAR


def check_value_date(day: date | None, today: date) -> None:
    """None: the entry counts from today. Raises InvalidValueDate."""
    if day is not None and not is_value_date(day, today):
        raise InvalidValueDate(
            messages.value_date_out_of_range(
                day.isoformat(), EARLIEST.isoformat(), (today + _YEAR).isoformat()
            )
        )
