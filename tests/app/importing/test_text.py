"""A note from a file: what is booked of it, and when two notes are the same."""

import pytest

from app.importing.text import cleaned, normal


@pytest.mark.parametrize(
    ("text", "booked"),
    [
        ("salary march", "salary march"),
        ("  salary  march ", "salary  march"),
        ("Shop\tPraha", "Shop Praha"),
        ("Lunch\nwith team", "Lunch with team"),
        ("a\u2028b\u2029c", "a b c"),
        ("in\u00advisible\u200b\ufeff", "invisible"),
        ("\u202eright to left", "right to left"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("", ""),
    ],
)
def test_a_note_is_one_line_without_what_nobody_sees(text: str, booked: str) -> None:
    assert cleaned(text) == booked


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("salary  march", " Salary march "),
        ("Caf\u00e9", "Cafe\u0301"),
        ("STRASSE", "stra\u00dfe"),
        ("\ufb01ne", "fine"),
        ("a\u00a0b", "a b"),
        ("a\tb", "a b"),
        ("\u0130", "i\u0307"),
        ("Cafe\u200b\u0301", "Caf\u00e9"),
    ],
)
def test_case_white_space_and_unicode_form_make_no_difference(one: str, other: str) -> None:
    assert normal(one) == normal(other)


def test_other_words_make_a_difference() -> None:
    assert normal("PENDING Cafe") != normal("Cafe")
