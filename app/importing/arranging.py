"""The lines of a file in the order in which they are booked: by day, and in the bank's order on each account."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from operator import attrgetter

from app.importing.ordering import in_order
from app.importing.statement import Line, Lines


def arranged(lines: Iterable[Line]) -> Lines:
    """`lines` are in the file's order, which may begin with the newest one.

    Without balances, the lines of one day stay in that order.
    """
    found = Lines(lines)
    order = list(range(len(found)))
    if _newest_first(found.days):
        order.reverse()
    order.sort(key=found.days.__getitem__)
    if found.has_balances:
        own = found.by_account(order).values()
        order = [at for places in own for at in _by_balance(found, places)]
        order.sort(key=found.days.__getitem__)
    found.put(order)
    return found


def _newest_first(days: Sequence[int]) -> bool:
    return len(days) > 1 and days[0] > days[-1] and all(one >= other for one, other in pairwise(days))


def _by_balance(lines: Sequence[Line], places: Iterable[int]) -> Iterator[int]:
    """`places` are those of the lines of one account, by day."""
    own = [(lines[at], at) for at in places]
    place_of = {line.number: at for line, at in own}
    before: int | None = None
    for _, day in groupby((line for line, _ in own), key=attrgetter("day")):
        group = list(day)
        if all(line.balance is not None for line in group):
            group = in_order(group, before)
        before = group[-1].balance
        yield from (place_of[line.number] for line in group)
