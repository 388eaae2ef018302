"""The page of a trace. Its address has the correlation id, which may be any text, or the position of an event."""

from typing import Annotated, Final

from litestar import get
from litestar.params import Parameter
from litestar.response import Redirect, Template

from projections import causes
from projections.engine.reading import LONGEST_PAGE
from projections.readmodels import trace as index
from web import messages_on_traces as messages
from web.http.answers import AnyRequest
from web.http.parameters import Position
from web.http.problems import Settling, UnknownTrace
from web.http.rendering import page
from web.live.regions import Regions
from web.messages import position_not_reached
from web.services import Services
from web.trace import view

_LONGEST: Final = 500


@get([view.PAGE, view.PAGE + "/{named:path}"], include_in_schema=False)
async def trace(
    request: AnyRequest,
    services: Services,
    regions: Regions,
    at: Position = None,
    id: Annotated[str, Parameter(max_length=_LONGEST)] = "",
    after: Position = None,
) -> Template | Redirect:
    """With `at` or `id` it redirects to the address of that trace."""
    named = view.named(request.scope, view.PAGE)
    if at is not None and not named:
        return await _at(services, at)
    wanted = named or id.strip()
    here = view.address_of(wanted) if wanted else view.PAGE
    if not named and here.startswith(f"{view.PAGE}/"):
        return Redirect(here, status_code=303)
    shown = await regions.context("status")
    found = await view.found(services, wanted, after, LONGEST_PAGE) if wanted else None
    own = {
        "trace": found,
        "rows": list(view.rows(found.steps)) if found else [],
        "here": here,
        "later": after is not None,
        "more": messages.more_events(found.more) if found and found.more else "",
        "place": "",
    }
    return page("trace/trace.html", {**shown, **own})


async def _at(services: Services, position: int) -> Redirect:
    """The index is waited for: the event may be a moment old. Raises UnknownTrace, Settling, StoreUnavailable."""
    correlation_id = await causes.correlation_at(services.store, position)
    if not correlation_id:
        raise UnknownTrace(messages.no_trace_at(position))
    if not await services.positions.reached(position, "at", index.MODEL):
        raise Settling(position_not_reached(position))
    return Redirect(view.address_of(correlation_id), status_code=303)
