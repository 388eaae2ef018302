import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidAmount
from domain.money import SPACES, format_amount, parse_amount
from web.http.inputs import ungrouped
from web.http.typed_amounts import with_point
from web.messages_on_input import comma_or_thousands


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("1250.50", "1250.50"),
        ("1250,50", "1250.50"),
        ("0,250", "0.250"),
        ("1250,500", "1250.500"),
        ("1 250,50", "1 250.50"),
        ("1,250.50", "1250.50"),
        ("1.250,50", "1250.50"),
        ("1,250,000", "1250000"),
        ("1.250.000", "1250000"),
        ("-1.250.000,5", "-1250000.5"),
        ("1.250", "1.250"),
        ("7", "7"),
        *((f"1{space}250{space}000,50", f"1{space}250{space}000.50") for space in SPACES),
    ],
)
def test_what_can_be_read_in_one_way_is_taken(typed: str, read: str) -> None:
    assert with_point(typed) == read


def test_one_comma_before_three_digits_is_refused() -> None:
    with pytest.raises(InvalidAmount) as refused:
        with_point("1,250")
    assert str(refused.value) == comma_or_thousands("1,250", "1.250", "1250")


@pytest.mark.parametrize(
    "typed",
    [
        "1,25,000",
        "1,250,50",
        "12.34,5.6",
        "1234,567.8",
        ",5",
        "5,",
        "1.250.5",
        "a,5",
        "1,250 000",
        "0.123.456",
        "0 123",
    ],
)
def test_other_text_is_left_for_the_amount_to_refuse(typed: str) -> None:
    with pytest.raises(InvalidAmount):
        parse_amount(ungrouped(with_point(typed)), "CZK")


@pytest.mark.parametrize("space", SPACES, ids=ascii)
def test_the_same_spaces_are_taken_around_an_amount_and_between_its_groups(space: str) -> None:
    for typed in (f"{space}1{space}250{space}000.50{space}", f"{space}1{space}250{space}000,50{space}"):
        assert parse_amount(ungrouped(with_point(typed)), "CZK") == 125_000_050
        assert parse_amount(f"{space}7{space}", "CZK") == 7_00


@given(st.integers(-(10**12), 10**12))
def test_every_grouped_amount_with_decimals_is_read(minor: int) -> None:
    plain = format_amount(minor, "CZK")
    english = f"{int(plain.partition('.')[0]):,}.{plain[-2:]}" if plain[0] != "-" else ""
    for typed in filter(
        None, (english, english.translate(str.maketrans(",.", ".,")), plain.replace(".", ","))
    ):
        assert parse_amount(with_point(typed), "CZK") == minor
