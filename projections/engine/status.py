"""What pages ask. Each answer comes from the live generation; limits and cursors are the caller's to pass back.

All raise ReadModelUnavailable where Redis gives no answer within its deadline, and its subclass ReadModelMissing
where the read model is not there yet: nobody is ever told a zero, or "unknown account", instead.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from projections import keys, stored
from projections.catalog import NAMES
from projections.clients import Redis
from projections.heartbeat import LIFETIME
from projections.listing import LONGEST_PAGE, accounts, rows
from projections.live import (
    ReadModelMissing,
    ReadModelUnavailable,
    answering,
    live_prefix,
    newest,
    sources,
)
from projections.models import AccountRow, FeedItem, HistoryEntry, Totals

__all__ = [
    "ProjectionStatus",
    "ReadModelMissing",
    "ReadModelUnavailable",
    "Redis",
    "account",
    "accounts",
    "feed",
    "history",
    "is_followed",
    "position",
    "status",
    "totals",
    "wait_for",
]


class ProjectionStatus(msgspec.Struct, frozen=True, kw_only=True):
    """`state` is "live", "building" (filled for the first time, or anew after a wipe) or "missing".

    `head` is the position of the last event that the log has for it, `heartbeat_age` the seconds since the projector's
    last sign of life; both None where there was none for LIFETIME milliseconds. `parked` counts streams.
    """

    name: str
    state: str
    generation: int | None
    position: int | None
    parked: int
    head: int | None
    heartbeat_age: float | None


def is_followed(projections: Sequence[ProjectionStatus]) -> bool:
    """Whether a projector is at work: it gave a sign of life within the last LIFETIME milliseconds."""
    return all(one.heartbeat_age is not None for one in projections)


async def account(redis: Redis, account_id: str) -> AccountRow | None:
    async with answering():
        prefix = await live_prefix(redis, "balances")
        found = await rows(redis, prefix, [account_id])
    return found[0] if found else None


async def history(
    redis: Redis, account_id: str, *, before: int | None = None, limit: int = 50
) -> tuple[HistoryEntry, ...]:
    """The account's entries below position `before`, newest first."""
    async with answering():
        prefix = await live_prefix(redis, "history")
        found = await newest(redis, f"{prefix}entries:{account_id}", before, max(1, min(limit, LONGEST_PAGE)))
    return tuple(stored.history_entry(account_id, blob) for blob in found)


async def feed(redis: Redis, *, before: int | None = None, limit: int = 30) -> tuple[FeedItem, ...]:
    """The newest events of all accounts below position `before`, newest first; the oldest are not kept."""
    async with answering():
        prefix = await live_prefix(redis, "feed")
        found = await newest(redis, f"{prefix}items", before, max(1, min(limit, LONGEST_PAGE)))
    return tuple(stored.feed_item(blob) for blob in found)


async def totals(redis: Redis) -> Totals:
    async with answering():
        prefix = await live_prefix(redis, "balances")
        found: dict[Any, Any] = await redis.hgetall(f"{prefix}totals")
    return stored.totals(found)


async def position(redis: Redis) -> int | None:
    """The lowest checkpoint of all live projections. None where one is missing: pages say that it is being rebuilt."""
    async with answering():
        try:
            return min(source.checkpoint for source in await sources(redis))
        except ReadModelMissing:
            return None


async def wait_for(redis: Redis, position: int, timeout: float = 2.0) -> bool:  # noqa: ASYNC109
    """Whether the read models reached `position` within `timeout` seconds."""
    deadline = time.monotonic() + timeout
    pause = 0.002
    while True:
        reached = await _position(redis)
        if reached is not None and reached >= position:
            return True
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        await asyncio.sleep(min(pause, left))
        pause = min(2 * pause, 0.05)


_position: Final = position


async def status(redis: Redis) -> tuple[ProjectionStatus, ...]:
    async with answering():
        async with redis.pipeline(transaction=False) as pipeline:
            pipeline.hget(keys.HEARTBEAT, "head")
            pipeline.pttl(keys.HEARTBEAT)
            for name in NAMES:
                pipeline.get(keys.live(name))
                pipeline.get(keys.building(name))
            head, left, *numbers = await pipeline.execute()
        age = (LIFETIME - left) / 1000 if left > 0 else None
        known = None if head is None else int(head)
        live, building = numbers[::2], numbers[1::2]
        return tuple(
            [await _status_of(redis, name, live[i], building[i], known, age) for i, name in enumerate(NAMES)]
        )


async def _status_of(
    redis: Redis, name: str, live: bytes | None, building: bytes | None, head: int | None, age: float | None
) -> ProjectionStatus:
    number = live or building
    checkpoint, parked = None, 0
    if number is not None:
        prefix = keys.prefix_of(name, int(number))
        checkpoint = await redis.hget(f"{prefix}meta", "checkpoint")
        parked = await redis.hlen(f"{prefix}parked")
    return ProjectionStatus(
        name=name,
        state="missing" if checkpoint is None else "live" if live else "building",
        generation=None if number is None else int(number),
        position=None if checkpoint is None else int(checkpoint),
        parked=parked,
        head=head,
        heartbeat_age=age,
    )
