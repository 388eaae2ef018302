"""The bank's balances against what was booked: exact, rounded, differing, unchecked; and what stood before."""

from datetime import date

from app.importing.reconciling import ROUNDING, Difference, Opening, Reconciliation
from app.importing.statement import Line
from domain.identifiers import AccountId


def line(number: int, amount: int, balance: int | None = None) -> Line:
    return Line(number, AccountId("a"), date(2026, 1, number), amount, "", balance=balance)


def reconciled(
    *lines: tuple[Line, int | None], before: int = 0, refused: tuple[int, ...] = ()
) -> Reconciliation:
    sums = Reconciliation("CZK")
    sums.add(lines, before, refused)
    return sums


def booked(*lines: Line) -> list[tuple[Line, int | None]]:
    return [(each, each.amount) for each in lines]


def counts(sums: Reconciliation) -> tuple[int, int, int, int]:
    return sums.exact, sums.rounded, sums.differing, sums.unchecked


def test_a_change_of_the_balance_that_was_booked_is_exact() -> None:
    sums = reconciled(*booked(line(1, 100, 100), line(2, -30, 70)))
    assert counts(sums) == (2, 0, 0, 0)
    assert (sums.opening, sums.openings) == (0, [])


def test_a_change_may_be_rounded() -> None:
    sums = reconciled(*booked(line(1, 100, 100), line(2, 30, 130 + ROUNDING), line(3, 5, 135)))
    assert counts(sums) == (1, 2, 0, 0)


def test_what_does_not_explain_the_balance_differs() -> None:
    sums = reconciled(*booked(line(1, 100, 100), line(2, 30, 150)))
    assert counts(sums) == (1, 0, 1, 0)
    assert sums.differences == [
        Difference(line=2, account="a", date=date(2026, 1, 2), bank="0.50", booked="0.30")
    ]


def test_a_line_that_was_not_booked_differs() -> None:
    sums = reconciled((line(1, 100, 100), 100), (line(2, 30, 130), None))
    assert [(each.bank, each.booked) for each in sums.differences] == [("0.30", None)]


def test_a_line_without_a_balance_is_unchecked() -> None:
    assert counts(reconciled(*booked(line(1, 100), line(2, 30)))) == (0, 0, 0, 2)


def test_lines_without_a_balance_between_others_count_for_the_next_one() -> None:
    assert counts(reconciled(*booked(line(1, 100, 100), line(2, 30), line(3, 5, 135)))) == (2, 0, 0, 1)


def test_what_stood_before_is_the_opening_once() -> None:
    sums = reconciled(*booked(line(1, 100, 1_100), line(2, 30, 1_130)), before=400)
    assert counts(sums) == (2, 0, 0, 0)
    assert sums.opening == 600
    assert sums.openings == [Opening(account="a", bank="10.00", log="4.00")]


def test_lines_before_the_first_balance_are_part_of_what_stood_before() -> None:
    assert reconciled(*booked(line(1, 100), line(2, 30, 130))).openings == []


def test_a_refused_line_is_in_no_count() -> None:
    sums = reconciled((line(1, 100, 100), 100), (line(2, 30, 130), None), (line(3, 5, 135), 5), refused=(2,))
    assert counts(sums) == (2, 0, 0, 0)
