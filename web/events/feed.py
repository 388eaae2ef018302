"""The live feed: the newest events of all accounts, a few of them on the first page and more on their own page."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from projections.engine.reading import ReadModelMissing
from projections.readmodels import balances, feed
from projections.readmodels.balances import ROWS
from projections.readmodels.feed import ITEMS, Item
from web import messages
from web.http.rendering import FEED_ITEMS, FEED_PAGE_ITEMS, TemplateContext
from web.live.batch import MANY, Batch
from web.live.regions import Partials, Region
from web.live.sse_text import upsert
from web.services import Services


def kind(type_: str) -> tuple[str, str]:
    """The words of an item before and after the account's id."""
    return messages.IN_THE_FEED.get(type_, (type_ + " on", ""))


def towards(type_: str) -> str:
    """The word before the account at the other end of a transfer."""
    return messages.TOWARDS.get(type_, "with")


async def _newest(services: Services, _: str = "") -> TemplateContext:
    return await _shown(services, FEED_ITEMS)


async def _more(services: Services, _: str = "") -> TemplateContext:
    return await _shown(services, FEED_PAGE_ITEMS)


async def _shown(services: Services, most: int) -> TemplateContext:
    """`items` is None while the read model is missing; `feed_items` is how many are kept on the page."""
    try:
        items = await feed.newest(services.redis, limit=most)
    except ReadModelMissing:
        return {"items": None, "holders": {}, "feed_items": most}
    return {"items": items, "holders": await holders_of(services, items), "feed_items": most}


async def holders_of(services: Services, items: Sequence[Item]) -> dict[str, str]:
    """Account id -> user id, of those that somebody holds; empty while the read model of accounts is missing."""
    with suppress(ReadModelMissing):
        rows = await balances.several(services.redis, {item.account_id for item in items})
        return {name: row.holder for name, row in rows.items() if row.holder}
    return {}


async def _part(services: Services, _: str, batch: Batch) -> Partials | None:
    added = batch.all(ITEMS)
    if len(added) > MANY:
        return None
    items = [feed.item_of(blob) for blob in reversed(added)]
    shown = {"items": items, "holders": await _holders(services, items, batch), "fresh": True}
    return (upsert("feed", services.render("events/_feed_items.html", **shown)),)


async def _holders(services: Services, items: Sequence[Item], batch: Batch) -> dict[str, str]:
    """As `holders_of`. The accounts of new items have changed too, most often, so they are not read."""
    changed = {name: balances.row_of(blob).holder for name, blob in batch.newest(ROWS).items()}
    others = [item for item in items if item.account_id not in changed]
    known = {name: holder for name, holder in changed.items() if holder}
    return known | (await holders_of(services, others) if others else {})


FEED: Final = Region(
    topic="feed",
    channels=frozenset({ITEMS}),
    fragments={"feed": "events/_feed_body.html"},
    context=_newest,
    part=_part,
)
FEED_PAGE: Final = Region(
    topic="feed-page",
    channels=frozenset({ITEMS}),
    fragments={"feed": "events/_feed_body.html"},
    context=_more,
    part=_part,
)
