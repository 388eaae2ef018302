"""The lines of a file in the order in which they are booked: by day, and in the bank's order on each account."""

from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise
from operator import attrgetter

from app.importing.ordering import in_order
from app.importing.statement import Line


def arranged(lines: Iterable[Line]) -> list[Line]:
    """`lines` are in the file's order, which may begin with the newest one.

    Without balances, the lines of one day stay in that order.
    """
    by_day = list(lines)
    if _newest_first(by_day):
        by_day.reverse()
    by_day.sort(key=attrgetter("day"))
    by_account: dict[str, list[Line]] = {}
    for line in by_day:
        by_account.setdefault(line.account, []).append(line)
    ordered = [line for own in by_account.values() for line in _by_balance(own)]
    ordered.sort(key=attrgetter("day"))
    return ordered


def _newest_first(lines: Sequence[Line]) -> bool:
    days = [line.day for line in lines]
    return len(days) > 1 and days[0] > days[-1] and all(one >= other for one, other in pairwise(days))


def _by_balance(lines: Sequence[Line]) -> Iterable[Line]:
    """Of one account, by day."""
    before: int | None = None
    for _, day in groupby(lines, key=attrgetter("day")):
        group = list(day)
        if all(line.balance is not None for line in group):
            group = in_order(group, before)
        before = group[-1].balance
        yield from group
