"""What pages show, read from the read models. A page includes the same fragments that live updates send."""

from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from projections import queries
from projections.models import AccountRow, FeedItem, HistoryEntry, Page, Totals
from projections.queries import ProjectionStatus, ReadModelMissing, Redis

ROWS: Final = 50
ITEMS: Final = 30


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """Where the read models stand. `position` is None while they are missing."""

    position: int | None
    projections: tuple[ProjectionStatus, ...]

    @property
    def is_followed(self) -> bool:
        return queries.is_followed(self.projections)

    @property
    def is_catching_up(self) -> bool:
        return any(
            one.head is not None and one.position is not None and one.position < one.head
            for one in self.projections
        )


class AccountView(msgspec.Struct, frozen=True, kw_only=True):
    row: AccountRow | None
    entries: tuple[HistoryEntry, ...]
    rebuilding: bool

    @property
    def older(self) -> int | None:
        """The position before which further entries are; None where all are shown."""
        return self.entries[-1].position if len(self.entries) == ROWS else None


async def status(redis: Redis) -> Status:
    projections = await queries.status(redis)
    return Status(position=await queries.position(redis), projections=projections)


async def totals(redis: Redis) -> Totals | None:
    """None while the read models are missing: never a false zero."""
    try:
        return await queries.totals(redis)
    except ReadModelMissing:
        return None


async def accounts(redis: Redis, **query: Any) -> Page | None:
    try:
        return await queries.accounts(redis, limit=ROWS, **query)
    except ReadModelMissing:
        return None


async def feed(redis: Redis) -> tuple[FeedItem, ...] | None:
    try:
        return await queries.feed(redis, limit=ITEMS)
    except ReadModelMissing:
        return None


async def account(redis: Redis, account_id: str, before: int | None = None) -> AccountView:
    try:
        row = await queries.account(redis, account_id)
        entries = await queries.history(redis, account_id, before=before, limit=ROWS)
    except ReadModelMissing:
        return AccountView(row=None, entries=(), rebuilding=True)
    return AccountView(row=row, entries=entries, rebuilding=False)


def next_page(page: Page | None, **filters: str) -> str | None:
    """The address of the page after `page`."""
    if page is None or page.after is None:
        return None
    return "/?" + urlencode({**filters, "after": page.after})


def by_weight(held: dict[str, int], first: str) -> list[tuple[str, int]]:
    """Currencies with what is held in each, `first` in front, then by name."""
    listed = sorted(held.items(), key=lambda item: (item[0] != first, item[0]))
    return listed or [(first, 0)]
