"""The live feed: the newest events of all accounts."""

from typing import Final

from projections.engine.reading import ReadModelMissing
from projections.readmodels import feed
from projections.readmodels.feed import ITEMS
from web import messages
from web.http.rendering import FEED_ITEMS, TemplateContext
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


async def newest(services: Services, _: str = "") -> TemplateContext:
    """`items` is None while the read model is missing."""
    try:
        return {"items": await feed.newest(services.redis, limit=FEED_ITEMS)}
    except ReadModelMissing:
        return {"items": None}


async def _part(services: Services, _: str, batch: Batch) -> Partials | None:
    added = batch.all(ITEMS)
    if len(added) > MANY:
        return None
    items = [feed.item_of(blob) for blob in reversed(added)]
    return (upsert("feed", services.render("events/_feed_items.html", items=items, fresh=True)),)


FEED: Final = Region(
    topic="feed",
    channels=frozenset({ITEMS}),
    fragments={"feed": "events/_feed_body.html"},
    context=newest,
    part=_part,
)
