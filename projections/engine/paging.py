"""Long sorted sets, a page at a time. A cursor continues where the previous page ended, even if the set has changed."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final, TypeVar

from projections import messages
from projections.engine.clients import Redis

MOST_LOOKED_AT: Final = 100_000
_CHUNK: Final = 2_000

R = TypeVar("R")

Placed = tuple[str, str]
"""A member, and the cursor that continues after it."""


class Cursor:
    """`after` as a page gave it: a score, and with `with_member` the member too. Raises ValueError for other text."""

    def __init__(self, after: str, *, with_member: bool) -> None:
        score, colon, self.member = after.partition(":")
        if not score.removeprefix("-").isdecimal() or bool(colon) is not with_member:
            raise ValueError(messages.unknown_cursor(after))
        self.score = int(score)


async def by_score_down(redis: Redis, key: str, after: str | None) -> AsyncIterator[list[Placed]]:
    """Highest score first; no two members have the same. Raises ValueError."""
    below = "+inf" if after is None else f"({Cursor(after, with_member=False).score}"
    while True:
        found: Any = await redis.zrevrangebyscore(key, below, "-inf", start=0, num=_CHUNK, withscores=True)
        if not found:
            return
        yield [(member.decode(), str(int(score))) for member, score in found]
        below = f"({int(found[-1][1])}"


async def by_score_up(redis: Redis, key: str, below: int, after: str | None) -> AsyncIterator[list[Placed]]:
    """Lowest score first, up to `below` (exclusive); members of one score by name. Raises ValueError."""
    cursor = None if after is None else Cursor(after, with_member=True)
    lowest = "-inf" if cursor is None else str(cursor.score)
    start = 0
    while True:
        found: Any = await redis.zrangebyscore(
            key, lowest, f"({below}", start=start, num=_CHUNK, withscores=True
        )
        if not found:
            return
        placed = [(int(score), member.decode()) for member, score in found]
        yield [
            (member, f"{score}:{member}")
            for score, member in placed
            if cursor is None or (score, member) > (cursor.score, cursor.member)
        ]
        start += len(found)


async def first_rows(
    placed: AsyncIterator[list[Placed]],
    is_wanted: Callable[[str], bool],
    rows_of: Callable[[list[str]], Awaitable[dict[str, R]]],
    limit: int,
) -> tuple[list[R], str | None]:
    """The first `limit` rows, in the order of `placed`, and the cursor behind them, None at the end.

    `rows_of` may leave out members too. There are fewer rows, and a cursor, if too many members do not match.
    """
    found: list[tuple[R, str]] = []
    looked_at = 0
    async for chunk in placed:
        wanted = [each for each in chunk if is_wanted(each[0])]
        for start in range(0, len(wanted), limit + 1):
            cursors = dict(wanted[start : start + limit + 1])
            found += [(row, cursors[member]) for member, row in (await rows_of(list(cursors))).items()]
            if len(found) > limit:
                return [row for row, _ in found[:limit]], found[limit - 1][1]
        looked_at += len(chunk)
        if looked_at >= MOST_LOOKED_AT:
            return [row for row, _ in found], chunk[-1][1]
    return [row for row, _ in found], None
