import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import messages
from domain.errors import InvalidAmount, UnknownCurrency
from domain.money import LIMIT, exponent, format_amount, parse_amount

_currencies = st.sampled_from(["CZK", "JPY", "KWD", "CLF"])


@given(st.integers(1 - LIMIT, LIMIT - 1), _currencies)
def test_an_amount_is_read_as_it_was_written(minor: int, currency: str) -> None:
    assert parse_amount(format_amount(minor, currency), currency) == minor


@given(st.text())
def test_any_text_is_an_amount_or_refused(text: str) -> None:
    try:
        minor = parse_amount(text, "CZK")
    except InvalidAmount:
        return
    assert parse_amount(format_amount(minor, "CZK"), "CZK") == minor


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("1234.5", "CZK", 123_450),
        ("-3", "CZK", -300),
        ("+7.00", "CZK", 700),
        ("0", "CZK", 0),
        (" 1.2 ", "CZK", 120),
        ("007", "JPY", 7),
        ("1.234", "KWD", 1_234),
        ("1.2", "KWD", 1_200),
        ("90071992547409.91", "CZK", LIMIT - 1),
    ],
)
def test_an_amount_is_a_plain_decimal(text: str, currency: str, minor: int) -> None:
    assert parse_amount(text, currency) == minor


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "1.",
        ".5",
        "1,5",
        "1 000",
        "1e3",
        "0x1",
        "--1",
        "1.234",
        "٣",
        "1\n2",
        "NaN",
        "90071992547409.92",
    ],
)
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidAmount):
        parse_amount(text, "CZK")


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (0, "CZK", "0.00"),
        (0, "JPY", "0"),
        (-1, "CZK", "-0.01"),
        (-5, "JPY", "-5"),
        (1_005, "CZK", "10.05"),
        (1_005, "KWD", "1.005"),
    ],
)
def test_an_amount_is_written_with_all_its_decimals_and_a_sign_only_below_zero(
    minor: int, currency: str, text: str
) -> None:
    assert format_amount(minor, currency) == text


def test_a_currency_without_minor_units_takes_no_decimals() -> None:
    with pytest.raises(InvalidAmount, match=re.escape(messages.too_many_decimals("1.0", 1, "JPY", 0))):
        parse_amount("1.0", "JPY")


@pytest.mark.parametrize("code", ["", "czk", "KČS", "CSK", "XXX"])
def test_only_currencies_of_iso_4217_are_known(code: str) -> None:
    with pytest.raises(UnknownCurrency):
        exponent(code)


@pytest.mark.parametrize("text", ["90071992547409.92", "99999999999999999999"])
def test_an_amount_beyond_the_limit_is_called_too_large(text: str) -> None:
    with pytest.raises(
        InvalidAmount, match=re.escape(messages.amount_too_large(text, "90071992547409.92", "CZK"))
    ):
        parse_amount(text, "CZK")


@pytest.mark.parametrize("currency", ["ANG", "BGN", "HRK", "XCG"])
def test_a_currency_that_iso_4217_removed_is_still_known_and_its_successor_too(currency: str) -> None:
    assert exponent(currency) == 2
