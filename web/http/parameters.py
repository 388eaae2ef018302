"""What the API's routes share: their parameters and their router."""

from collections.abc import Collection
from functools import lru_cache
from typing import Annotated, Any, Final

from litestar import Router
from litestar.connection import ASGIConnection
from litestar.datastructures import ResponseHeader
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.params import HeaderParameter, Parameter
from litestar.types import Scope

from projections.engine.reading import LONGEST_PAGE
from web.http import correlation
from web.http.inputs import BadInput
from web.http.pairs import decoded, unknown

AnyConnection = ASGIConnection[Any, Any, Any, Any]

PARAMETERS: Final = "parameters"
"""In `opt` of a route whose parameters are not those of its function: the names of its query parameters."""
LATEST: Final = 2**63 - 1
"""The highest position that a log may have."""

MinPosition = Annotated[
    int | None,
    Parameter(
        ge=0,
        le=LATEST,
        description="The answer waits at most 2 s until the read models have reached this position",
    ),
]
_CORRELATION: Final = {
    "x_correlation_id": HeaderParameter(
        name=correlation.HEADER,
        annotation=str | None,
        required=False,
        description="1 to 128 visible ASCII characters: for the metadata of the events that this request leads to, "
        "for log lines and for the answer. Without it: the trace id of `traceparent`, or else a new id",
    ),
    "traceparent": HeaderParameter(
        name="traceparent",
        annotation=str | None,
        required=False,
        description="W3C Trace Context, for the metadata too and for the answer. One that is not valid is ignored",
    ),
}
Limit = Annotated[int, Parameter(ge=1, le=LONGEST_PAGE)]
Position = Annotated[int | None, Parameter(ge=0, le=LATEST)]


def under_api(*routes: HTTPRouteHandler) -> Router:
    return Router(
        "/api",
        route_handlers=routes,
        parameters=_CORRELATION,
        response_headers=[
            ResponseHeader(name="Cache-Control", value="no-store"),
            ResponseHeader(
                name=correlation.HEADER,
                description="The correlation id of this request, also on errors",
                documentation_only=True,
            ),
        ],
    )


async def knows_its_parameters(request: AnyConnection) -> None:
    """For `before_request`. It is async because Litestar runs a plain function in a thread pool, and no guard, because
    Litestar copies the route for each guard of each request. Raises BadInput.
    """
    check_parameters(request.scope)


def check_parameters(scope: Scope) -> None:
    """A parameter that is unknown, or there twice, is refused: without it, or with only one of them, the answer would
    be about something else. Raises BadInput.
    """
    query = scope["query_string"]
    if not query:
        return
    known = _query_parameters(scope["route_handler"], frozenset(scope["path_params"]))
    if wrong := unknown((name for name, _ in decoded(query)), known):
        raise BadInput(wrong)


@lru_cache(maxsize=1024)  # more than there are routes
def _query_parameters(handler: BaseRouteHandler, in_path: frozenset[str]) -> Collection[str]:
    """`in_path` are the parameters in its address. An ASGI application says in `opt` which ones it takes."""
    if PARAMETERS in handler.opt:
        return frozenset(handler.opt[PARAMETERS])
    given = {"request", *in_path, *handler.resolve_dependencies()}
    parameters = handler.parsed_fn_signature.parameters.items()
    defined = {name: field.kwarg_definition for name, field in parameters}
    headers = {name for name, kwarg in defined.items() if isinstance(kwarg, HeaderParameter)}
    return {getattr(defined[name], "name", None) or name for name in defined.keys() - given - headers}
