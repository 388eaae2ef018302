"""The pages of imports: the form with the list below it, and one import with its report."""

from collections.abc import Mapping
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from litestar import get
from litestar.params import Parameter
from litestar.response import Template

from domain.imports import UnknownImport
from domain.imports import messages as on_imports
from projections.readmodels import imports as readmodel
from web.http.parameters import Position
from web.http.rendering import page
from web.importer import LARGEST
from web.imports import form, view
from web.live.regions import Regions
from web.services import Services

_PAGE: Final = "/import"


@get(_PAGE, include_in_schema=False)
async def imports(
    services: Services, regions: Regions, after: Annotated[str | None, Parameter(max_length=100)] = None
) -> Template:
    return await imports_page(services, regions, {"form": form.fresh(services.currency), "token": ""}, after)


async def imports_page(
    services: Services,
    regions: Regions,
    own: Mapping[str, Any],
    after: str | None,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Template:
    """`own` has the form, and its token if this request cannot make one. Raises BadInput if `after` is wrong."""
    shown = {**await regions.context("status"), **await view.listed(services, after), **own}
    found = shown["page"]
    links = {
        "later": after is not None,
        "here": _address(after),
        "next": _address(found.after) if found and found.after else None,
        "place": "import",
    }
    fixed = {
        "formats": tuple(form.OWN_CURRENCIES),
        "largest": LARGEST,
        "megabytes": form.MEGABYTES,
        "too_large": view.TOO_LARGE,
    }
    return page("imports/imports.html", {**shown, **links, **fixed}, status=status, headers=headers)


def _address(after: str | None) -> str:
    return _PAGE if after is None else f"{_PAGE}?{urlencode({'after': after})}"


@get("/imports/{import_id:str}", include_in_schema=False)
async def one_import(
    services: Services, regions: Regions, import_id: str, started: Position = None
) -> Template:
    """`started` is the position of its start: the page waits a moment until it can be shown."""
    wanted = view.id_of(import_id)
    if started is not None:
        await services.positions.reached(started, "started", readmodel.MODEL)
    return await import_page(services, regions, str(wanted))


async def import_page(
    services: Services,
    regions: Regions,
    import_id: str,
    *,
    refusal: str = "",
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Template:
    """Raises UnknownImport, StoreError."""
    shown = await regions.context("status", f"import:{import_id}")
    if shown["row"] is None:
        await services.imports.state(view.id_of(import_id))  # raises StoreError if the log cannot say
        raise UnknownImport(on_imports.unknown_import(import_id))
    own = {"refusal": refusal, "place": "import"}
    return page("imports/import.html", {**shown, **own}, status=status, headers=headers)
