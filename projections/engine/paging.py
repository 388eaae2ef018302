"""Lists of accounts, a page at a time: by last change, or by balance."""

from collections.abc import AsyncIterator
from typing import Any, Final

from projections import stored
from projections.clients import Redis
from projections.live import answering, live_prefix
from projections.models import AccountRow, Page

_CHUNK: Final = 2_000
_MOST_LOOKED_AT: Final = 100_000
LONGEST_PAGE: Final = 500


async def accounts(
    redis: Redis,
    *,
    balance_below: int | None = None,
    currency: str | None = None,
    q: str = "",
    after: str | None = None,
    limit: int = 50,
) -> Page:
    """Accounts by last change, the newest first; with `balance_below` by balance, the lowest first.

    `balance_below` (exclusive, minor units) needs `currency`. `q` is text in the account id. Raises ValueError
    where `balance_below` stands alone, or `after` is no cursor that a page gave.
    """
    limit = max(1, min(limit, LONGEST_PAGE))
    if balance_below is not None and currency is None:
        raise ValueError("balance_below is in minor units of one currency: say which.")
    cursor = None if after is None else _cursor(after, with_id=balance_below is not None)
    async with answering():
        prefix = await live_prefix(redis, "balances")
        if balance_below is not None:
            ids = _by_balance(redis, f"{prefix}by_balance:{currency}", balance_below, cursor)
        else:
            ids = _by_change(redis, f"{prefix}by_change", cursor)
        return await _page(redis, prefix, ids, q.casefold(), currency, limit)


_Placed = tuple[str, str]
"""An account id, and the cursor that continues after it."""


def _cursor(after: str, *, with_id: bool) -> tuple[int, str]:
    score, colon, account_id = after.partition(":")
    if not score.removeprefix("-").isdecimal() or bool(colon) is not with_id:
        raise ValueError(
            f"after={after!r} is no cursor that a page of this list gave; leave it out to begin anew."
        )
    return int(score), account_id


async def _by_change(redis: Redis, key: str, after: tuple[int, str] | None) -> AsyncIterator[list[_Placed]]:
    below = "+inf" if after is None else f"({after[0]}"
    while True:
        found: Any = await redis.zrevrangebyscore(key, below, "-inf", start=0, num=_CHUNK, withscores=True)
        if not found:
            return
        yield [(member.decode(), str(int(score))) for member, score in found]
        below = f"({int(found[-1][1])}"


async def _by_balance(
    redis: Redis, key: str, below: int, after: tuple[int, str] | None
) -> AsyncIterator[list[_Placed]]:
    lowest = "-inf" if after is None else str(after[0])
    start = 0
    while True:
        found: Any = await redis.zrangebyscore(
            key, lowest, f"({below}", start=start, num=_CHUNK, withscores=True
        )
        if not found:
            return
        placed = [(int(score), member.decode()) for member, score in found]
        yield [
            (name, f"{balance}:{name}")
            for balance, name in placed
            if after is None or (balance, name) > after
        ]
        start += len(found)


async def _page(
    redis: Redis, prefix: str, ids: AsyncIterator[list[_Placed]], q: str, currency: str | None, limit: int
) -> Page:
    """The first `limit` rows of `ids` that match; with more ids than can be looked at in time fewer, and a cursor."""
    found: list[tuple[AccountRow, str]] = []
    looked_at = 0
    async for chunk in ids:
        wanted = [placed for placed in chunk if q in placed[0].casefold()]
        for start in range(0, len(wanted), limit + 1):
            cursors = dict(wanted[start : start + limit + 1])
            here = await rows(redis, prefix, list(cursors))
            found += [(row, cursors[row.account_id]) for row in here if currency in (None, row.currency)]
            if len(found) > limit:
                return _paged(found[:limit], found[limit - 1][1])
        looked_at += len(chunk)
        if looked_at >= _MOST_LOOKED_AT:
            return _paged(found, chunk[-1][1])
    return _paged(found, None)


def _paged(found: list[tuple[AccountRow, str]], after: str | None) -> Page:
    return Page(accounts=tuple(row for row, _ in found), after=after)


async def rows(redis: Redis, prefix: str, account_ids: list[str]) -> list[AccountRow]:
    """The rows there are, in the order of `account_ids`."""
    async with redis.pipeline(transaction=False) as pipeline:
        pipeline.hmget(f"{prefix}rows", account_ids)
        pipeline.hmget(f"{prefix}owners", account_ids)
        blobs, owners = await pipeline.execute()
    return [
        stored.account_row(account_id, blob, owner)
        for account_id, blob, owner in zip(account_ids, blobs, owners, strict=True)
        if blob is not None
    ]
