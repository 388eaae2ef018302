"""Value dates: from 1900 to a year ahead."""

from datetime import date

import msgspec
import pytest

from domain import messages
from domain.dates import EARLIEST, check_value_date, is_value_date
from domain.errors import InvalidValueDate
from tests.kit import spec, transfers
from tests.kit.accounts import deposit, deposited, opened, withdraw, withdrawn

TODAY = date(2026, 1, 5)
PAID = deposited(2, 500, balance=500)


@pytest.mark.parametrize("day", [EARLIEST, TODAY, date(2027, 1, 5), date(2027, 1, 6), None])
def test_a_value_date_is_from_1900_to_a_year_ahead(day: date | None) -> None:
    check_value_date(day, TODAY)


@pytest.mark.parametrize("day", [date.min, date(1899, 12, 31), date(2027, 1, 7), date(2999, 1, 1), date.max])
def test_other_days_are_refused_by_name(day: date) -> None:
    assert not is_value_date(day, TODAY)
    with pytest.raises(InvalidValueDate) as caught:
        check_value_date(day, TODAY)
    assert caught.value.field == "value_date"
    assert str(caught.value) == messages.value_date_out_of_range(day.isoformat(), "1900-01-01", "2027-01-06")


@pytest.mark.parametrize("day", [date.min, date.max])
def test_no_command_that_books_takes_another_day(day: date) -> None:
    spec.given(opened(1)).when(deposit(2, 100, value_date=day)).then_raises(InvalidValueDate)
    spec.given().when(deposit(1, 100, value_date=day)).then_raises(InvalidValueDate)
    spec.given(opened(1), PAID).when(msgspec.structs.replace(withdraw(3, 100), value_date=day)).then_raises(
        InvalidValueDate
    )
    transfers.given().when(transfers.request(value_date=day)).then_raises(InvalidValueDate)


@pytest.mark.parametrize("day", [date.min, date.max])
def test_entries_with_other_days_or_texts_that_the_log_has_are_still_entries(day: date) -> None:
    before = msgspec.structs.replace(PAID, value_date=day, note="refund \u202e00.9", reference="a\u200bb")
    spec.given(opened(1), before).when(withdraw(3, 500)).then(withdrawn(3, 500, balance=0))
