"""The page of the catalogue."""

from litestar import get
from litestar.response import Template

from projections.catalogue import catalogue
from web.http.rendering import page


@get("/catalogue", include_in_schema=False)
async def events() -> Template:
    return page("catalogue/events.html", {"events": catalogue(), "place": "catalogue"})
