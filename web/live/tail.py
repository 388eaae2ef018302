"""The read models' changes, as the hub takes them: by channel."""

from collections.abc import AsyncGenerator, Mapping
from typing import Final

import msgspec

from projections.changes import changes
from projections.models import Changes
from projections.queries import Redis
from web.live.batch import Pairs

ROWS: Final = "balances:rows"
ENTRIES: Final = "history:entries"
ITEMS: Final = "feed:items"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What one or several commits changed. `recorded` is when the newest event of them was recorded, in ticks."""

    position: int
    resync: bool
    channels: Mapping[str, Pairs]
    recorded: int | None


async def tail(redis: Redis) -> AsyncGenerator[Change, None]:
    """Every change from now on. While Redis is away, `changes` waits for it and then gives a `resync`.

    The first change is a `resync` too: what a page shows may lack what happened before it.
    """
    first = True
    async for change in changes(redis, None):
        yield Change(
            position=change.position,
            resync=change.resync or first,
            channels=_channels(change),
            recorded=change.feed[-1].booked if change.feed else None,
        )
        first = False


def _channels(change: Changes) -> dict[str, Pairs]:
    return {
        ROWS: [(row.account_id, row) for row in change.accounts],
        ENTRIES: [(entry.account_id, entry) for entry in change.history],
        ITEMS: [(item.event_id, item) for item in change.feed],
    }
