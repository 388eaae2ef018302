"""The lines of a file in the order in which they are booked: by day, and in the bank's order on each account."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby, pairwise
from operator import attrgetter

from app.importing.ordering import in_order
from app.importing.statement import Line, Lines


def arranged(lines: Iterable[Line]) -> Lines:
    """`lines` are in the file's order, which may begin with the newest one.

    Without balances, the lines of one day stay in that order.
    """
    found = Lines(lines)
    days = [line.day for line in found]
    by_day = list(range(len(found)))
    if _newest_first(days):
        by_day.reverse()
    by_day.sort(key=days.__getitem__)
    by_account: dict[str, list[int]] = {}
    for at in by_day:
        by_account.setdefault(found[at].account, []).append(at)
    ordered = [at for places in by_account.values() for at in _by_balance(found, places)]
    ordered.sort(key=days.__getitem__)
    found.put(ordered)
    return found


def _newest_first(days: Sequence[date]) -> bool:
    return len(days) > 1 and days[0] > days[-1] and all(one >= other for one, other in pairwise(days))


def _by_balance(lines: Sequence[Line], places: Iterable[int]) -> Iterator[int]:
    """`places` are those of the lines of one account, by day."""
    place_of = {lines[at].number: at for at in places}
    before: int | None = None
    for _, day in groupby((lines[at] for at in place_of.values()), key=attrgetter("day")):
        group = list(day)
        if all(line.balance is not None for line in group):
            group = in_order(group, before)
        before = group[-1].balance
        yield from (place_of[line.number] for line in group)
