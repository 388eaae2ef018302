"""The bank's order of the lines of one account and day, from the balances that they state.

A line leads from one balance to another: from `balance - amount` to `balance`. In the bank's order the lines are a path
that takes each of them once, an Eulerian path, which is found by Hierholzer's algorithm. If there is none, for example
since the bank has rounded, the lines are as few paths as possible. The one that begins nearest to the balance that was
reached comes next.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from app.importing.statement import Line

Edge = tuple[int, Line | None]
"""The balance that it leads to, and the line; None: from the end of one path to the beginning of the next one."""


def in_order(lines: Sequence[Line], before: int | None) -> list[Line]:
    """`lines` all have a balance. `before` is the balance before them, None if it is not known.

    Lines that are in order already stay as they are.
    """
    if _follow(lines, before):
        return list(lines)
    paths = [path for part in _connected(lines) for path in _paths(part, before)]
    ordered: list[Line] = []
    while paths:
        path = paths.pop(_nearest(paths, before))
        ordered += path
        before = _end(path[-1])
    return ordered


def _start(line: Line) -> int:
    return _end(line) - line.amount


def _end(line: Line) -> int:
    assert line.balance is not None
    return line.balance


def _follow(lines: Sequence[Line], before: int | None) -> bool:
    """Whether each line begins where the one before it ends."""
    begins_well = not lines or before in (None, _start(lines[0]))
    return begins_well and all(_end(one) == _start(other) for one, other in pairwise(lines))


def _nearest(paths: Sequence[Sequence[Line]], balance: int | None) -> int:
    """The index of the path that begins nearest to `balance`."""
    if balance is None:
        return 0
    return min(range(len(paths)), key=lambda at: abs(_start(paths[at][0]) - balance))


def _connected(lines: Sequence[Line]) -> list[list[Line]]:
    """Groups of lines that have no balance in common with each other."""
    parents: dict[int, int] = {}

    def root(balance: int) -> int:
        while parents.setdefault(balance, balance) != balance:
            parents[balance] = parents[parents[balance]]
            balance = parents[balance]
        return balance

    for line in lines:
        parents[root(_start(line))] = root(_end(line))
    groups: defaultdict[int, list[Line]] = defaultdict(list)
    for line in lines:
        groups[root(_end(line))].append(line)
    return list(groups.values())


def _paths(lines: Sequence[Line], before: int | None) -> Iterator[list[Line]]:
    """As few as possible, which have each line once. `lines` are connected."""
    leaving: defaultdict[int, list[Edge]] = defaultdict(list)
    surplus: defaultdict[int, int] = defaultdict(int)
    for line in reversed(lines):  # `_walk` takes from the end
        leaving[_start(line)].append((_end(line), line))
        surplus[_start(line)] += 1
        surplus[_end(line)] -= 1
    starts = [balance for balance, more in surplus.items() for _ in range(more)]
    ends = [balance for balance, more in surplus.items() for _ in range(-more)]
    starts.sort(key=lambda balance: balance != before)
    for end, start in zip(ends, starts[1:], strict=False):
        leaving[end].insert(0, (start, None))
    circle = before if before is not None and before in surplus else _start(lines[0])
    path: list[Line] = []
    for walked in _walk(leaving, starts[0] if starts else circle):
        if walked is not None:
            path.append(walked)
        elif path:
            yield path
            path = []
    yield path


def _walk(leaving: defaultdict[int, list[Edge]], start: int) -> list[Line | None]:
    """A path through all edges."""
    stack: list[Edge] = [(start, None)]
    walked: list[Line | None] = []
    while stack:
        balance, _ = stack[-1]
        if leaving[balance]:
            stack.append(leaving[balance].pop())
        else:
            walked.append(stack.pop()[1])
    return walked[-2::-1]
