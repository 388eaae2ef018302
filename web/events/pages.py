"""The page of the feed alone."""

from litestar import get
from litestar.response import Template

from web.http.parameters import knows_its_parameters
from web.http.rendering import page
from web.live.regions import Regions


@get("/feed", include_in_schema=False, guards=[knows_its_parameters])
async def feed(regions: Regions) -> Template:
    shown = await regions.context("status", "feed-page")
    return page("events/feed.html", {**shown, "place": "feed"})
