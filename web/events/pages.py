"""The page of the feed alone."""

from litestar import get
from litestar.response import Template

from web.http.rendering import page
from web.live.regions import Regions


@get("/feed", include_in_schema=False)
async def feed(regions: Regions) -> Template:
    shown = await regions.context("status", "feed-page")
    return page("events/feed.html", {**shown, "place": "feed"})
