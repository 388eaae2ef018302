"""The list of imports as a file: see web.http.exports."""

from typing import Final

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream

from projections.readmodels import imports
from web.http.exports import FORMATS, TOGETHER, Export, Format, Rows, answer
from web.imports import answers
from web.imports.answers import ListedImportAnswer
from web.services import Services

_IMPORTS: Final = Export(name="imports", row=ListedImportAnswer)


def routes() -> list[HTTPRouteHandler]:
    return [_route(form) for form in FORMATS]


def _route(form: Format) -> HTTPRouteHandler:
    async def export(services: Services) -> Stream:
        return await answer(_IMPORTS, form, _rows(services), "daybook-imports")

    return get(f"/imports.{form}", include_in_schema=False)(export)


async def _rows(services: Services) -> Rows:
    after: str | None = None
    while True:
        page = await imports.newest(services.redis, after=after, limit=TOGETHER)
        yield [answers.listed(row) for row in page.imports]
        if page.after is None:
            return
        after = page.after
