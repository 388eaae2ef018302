"""The API's description: OpenAPI at /api/schema, as a page for people and as JSON for programs."""

from typing import Any, Final

from litestar import MediaType, Response, get
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.response import Template

from web.http.answers import AnyRequest
from web.system.constraints import constrained

OPENAPI: Final = OpenAPIConfig(
    title="Daybook",
    version="0.1",
    description=(
        "A live, event-sourced ledger. Amounts are decimal strings, in JSON too. Errors are application/problem+json. "
        "Every POST, PATCH and DELETE takes an Idempotency-Key, any text up to 255 characters, quoted or bare: a "
        "request that is repeated with the same key is booked once. Unknown query parameters and fields are refused, "
        "and so is what is sent twice. "
        "A command on an account accepts If-Match, to be booked only on the revision that the ETag of an answer names "
        "(a transfer: of the account that pays), "
        "and dry_run=1, to be decided and not booked. "
        "Every answer has an X-Correlation-ID, which log lines and the metadata of events have too."
    ),
    path="/api/openapi",
    render_plugins=[JsonRenderPlugin(path="/openapi.json")],
    use_handler_docstrings=True,
)


def _described(request: AnyRequest) -> dict[str, Any]:
    return constrained(request.app.openapi_schema.to_schema())


@get("/api/schema", include_in_schema=False)
async def schema(request: AnyRequest) -> Response[Any]:
    if "text/html" not in request.headers.get("accept", ""):
        return Response(_described(request), media_type=MediaType.JSON)
    context = {"schema": _described(request), "place": "api"}
    return Template("system/schema.html", context=context, media_type=MediaType.HTML)


@get("/api/schema/openapi.json", include_in_schema=False)
async def schema_json(request: AnyRequest) -> Response[Any]:
    return Response(_described(request), media_type=MediaType.JSON)
