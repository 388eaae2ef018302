"""Items in few bytes: they come out as they went in."""

from datetime import date

import pytest

from app.importing.packed import Listing, Texts
from app.importing.statement import Line, Lines
from domain.identifiers import AccountId

LINES = [
    Line(3, AccountId("a"), date(2026, 1, 1), -(2**53), "Kávička 🍰"),
    Line(2, AccountId("b"), date(1, 1, 1), 1, "", "900201", 0),
    Line(1_000_000, AccountId("a"), date(9999, 12, 31), 2**53, "x" * 200, "9" * 70_000, -(2**53)),
]


def test_a_line_comes_out_as_it_went_in() -> None:
    lines = Lines(LINES)
    assert lines == LINES
    assert (lines[-1], lines[1:], len(lines)) == (LINES[-1], LINES[1:], 3)
    with pytest.raises(IndexError):
        lines[3]


def test_lines_are_put_in_another_order() -> None:
    lines = Lines(LINES)
    lines.put([2, 0, 1])
    assert list(lines) == [LINES[2], LINES[0], LINES[1]]


def test_texts_come_out_as_they_went_in() -> None:
    texts = Texts()
    given = ["", "Kávička", "x" * 70_000, "Kávička"]
    assert [texts[each] for each in [texts.add(text) for text in given]] == given


def test_rows_are_sorted_by_their_first_value() -> None:
    rows = Listing("Iq", lambda line, amount: (line, amount))
    for line, amount in ((70_000, -1), (2, -3), (300, 5)):
        rows.add(line, amount)
    assert rows == [(70_000, -1), (2, -3), (300, 5)]
    rows.sort()
    assert rows == [(2, -3), (300, 5), (70_000, -1)]
    assert (rows[-1], rows[:2], len(rows)) == ((70_000, -1), [(2, -3), (300, 5)], 3)
    assert rows != [(2, -3)]
    assert rows != "rows"
