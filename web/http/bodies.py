"""JSON bodies: each is described by its fields, which are data. They serve for reading and for the OpenAPI document."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
from litestar.exceptions import ClientException, HTTPException
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema

from web import messages
from web.http.answers import PROBLEM_JSON, AnyRequest
from web.http.inputs import Fields
from web.http.problems import Problem

BODY_LIMIT: Final = 64 * 1024

Body = Mapping[str, tuple[str, bool]]
"""Each field's description, and whether it is required. All are strings."""


class UnsupportedMediaType(HTTPException):
    status_code = 415


async def read(request: AnyRequest, body: Body) -> Fields:
    """The body's fields. Raises HTTPException unless it is a JSON object in UTF-8."""
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/json":
        raise UnsupportedMediaType(messages.other_format(content_type[:60]))
    try:
        given = msgspec.json.decode(await request.body() or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ClientException(messages.body_not_json(str(error))) from error
    if not isinstance(given, dict):
        raise ClientException(messages.BODY_NOT_AN_OBJECT)
    fields = Fields(given, frozenset(body))
    for name, (_, required) in body.items():
        if required:
            fields.require(name)
    return fields


def taking(body: Body) -> type[Operation]:
    """For `operation_class`: describes `body` in the OpenAPI document."""
    schema = Schema(
        type=OpenAPIType.OBJECT,
        properties={
            name: Schema(type=OpenAPIType.STRING, description=text) for name, (text, _) in body.items()
        },
        required=[name for name, (_, required) in body.items() if required],
    )
    described = RequestBody(content={"application/json": OpenAPIMediaType(schema=schema)}, required=True)

    @dataclass
    class Taking(Operation):
        request_body: Any = field(default_factory=lambda: described)

        def __post_init__(self) -> None:
            self.request_body = described

    return Taking


def problems(*statuses: int) -> dict[int, ResponseSpec]:
    """For `responses`: the problems that a route may answer with."""
    return {
        status: ResponseSpec(
            data_container=Problem,
            description="A problem",
            media_type=PROBLEM_JSON,
            generate_examples=False,  # litestar would invent them with polyfactory, which is not installed
        )
        for status in statuses
    }
