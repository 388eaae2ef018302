"""JSON bodies: each is described by its fields, which are data. They serve for reading and for the OpenAPI document."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import msgspec
from litestar.exceptions import ClientException, HTTPException
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import (
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    RequestBody,
    Schema,
)

from web import messages
from web.http.answers import PROBLEM_JSON, AnyRequest
from web.http.inputs import Fields
from web.http.problems import Problem

BODY_LIMIT: Final = 64 * 1024


class Field(NamedTuple):
    """A field of a body: a string. One that is not required may be null too."""

    description: str
    required: bool = False
    example: str = ""


Body = Mapping[str, Field]


class UnsupportedMediaType(HTTPException):
    status_code = 415


async def read(request: AnyRequest, body: Body) -> Fields:
    """The body's fields; no body counts as an object without fields. Raises HTTPException unless it is a JSON object in
    UTF-8.
    """
    sent = await request.body()
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if sent and content_type not in ("", "application/json"):
        raise UnsupportedMediaType(messages.other_format(content_type[:60]))
    try:
        given = msgspec.json.decode(sent or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ClientException(messages.body_not_json(str(error))) from error
    if not isinstance(given, dict):
        raise ClientException(messages.BODY_NOT_AN_OBJECT)
    fields = Fields(given, frozenset(body))
    for name, field in body.items():
        if field.required:
            fields.require(name)
    return fields


def taking(body: Body, examples: Mapping[int, msgspec.Struct] | None = None) -> type[Operation]:
    """For `operation_class`: describes `body` in the OpenAPI document, and gives `examples` of answers by status."""

    @dataclass
    class Taking(Operation):
        def __post_init__(self) -> None:
            self.request_body = _described(body)
            for status, example in (examples or {}).items():
                _content(self, status).example = example

    return Taking


def _described(body: Body) -> RequestBody:
    required = [name for name, field in body.items() if field.required]
    schema = Schema(
        type=OpenAPIType.OBJECT,
        properties={name: _schema(field) for name, field in body.items()},
        required=required,
    )
    example = {name: field.example for name, field in body.items() if field.example}
    content = OpenAPIMediaType(schema=schema, example=example)
    return RequestBody(content={"application/json": content}, required=bool(required))


def _schema(field: Field) -> Schema:
    kind = OpenAPIType.STRING if field.required else [OpenAPIType.STRING, OpenAPIType.NULL]
    return Schema(type=kind, description=field.description)


def _content(operation: Operation, status: int) -> OpenAPIMediaType:
    answer = (operation.responses or {})[str(status)]
    assert isinstance(answer, OpenAPIResponse)
    return (answer.content or {})["application/json"]


def trying(answer: Any) -> dict[int, ResponseSpec]:
    """For `responses`: the answer of a dry run; `answer` is its type."""
    described = "The answer of a dry run: nothing was booked"
    return {200: ResponseSpec(data_container=answer, description=described, generate_examples=False)}


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
