"""The order of a day's lines fits the balances if there is one that does, and otherwise as many steps as possible."""

from collections.abc import Sequence
from datetime import date
from itertools import permutations
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from app.importing.ordering import in_order
from app.importing.statement import Line
from domain.identifiers import AccountId


def line(number: int, amount: int, balance: int) -> Line:
    return Line(number, AccountId("a"), date(2026, 1, 5), amount, "", balance=balance)


def numbers(lines: Sequence[Line], before: int | None = None) -> list[int]:
    return [each.number for each in in_order(lines, before)]


def misfits(lines: Sequence[Line], before: int | None) -> int:
    """How many lines do not begin where the one before them ends."""
    found = 0
    for each in lines:
        assert each.balance is not None
        found += before is not None and each.balance - each.amount != before
        before = each.balance
    return found


def test_lines_are_put_into_the_order_of_their_balances() -> None:
    lines = [line(1, 30, 160), line(2, 100, 100), line(3, 30, 130)]
    assert numbers(lines) == [2, 3, 1]


def test_money_that_goes_out_and_back_within_a_day_is_one_path() -> None:
    lines = [line(4, 2_000, 12_000), line(2, 5_000, 15_000), line(3, -5_000, 10_000)]
    assert numbers(lines, 10_000) == [2, 3, 4]


def test_lines_that_fit_stay_in_their_order() -> None:
    lines = [line(1, 5, 15), line(2, -5, 10), line(3, 5, 15), line(4, -5, 10)]
    assert numbers(lines, 10) == [1, 2, 3, 4]


def test_the_path_that_begins_nearest_comes_next() -> None:
    """As where a bank has rounded."""
    lines = [line(1, 10, 130), line(2, 10, 110)]
    assert numbers(lines, 101) == [2, 1]


def test_no_lines_are_in_order() -> None:
    assert in_order([], 7) == []


steps = st.tuples(st.sampled_from([-2, -1, 1, 2]), st.sampled_from([0, 0, 0, 0, 0, 1, -1]))


@given(st.lists(steps, max_size=6), st.sampled_from([0, 3, None]), st.randoms(use_true_random=False))
def test_no_other_order_fits_better(moves: list[tuple[int, int]], before: int | None, chance: Random) -> None:
    lines, balance = list[Line](), before or 0
    for number, (amount, off) in enumerate(moves):
        balance += amount + off
        lines.append(line(number, amount, balance))
    chance.shuffle(lines)
    found = in_order(lines, before)
    assert sorted(each.number for each in found) == list(range(len(lines)))
    assert misfits(found, before) == min(misfits(each, before) for each in permutations(lines))
