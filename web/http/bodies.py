"""JSON bodies: each is described by its fields, which are data. They serve for reading and for the OpenAPI document."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from litestar.exceptions import ClientException, HTTPException, InternalServerException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import (
    OpenAPIMediaType,
    OpenAPIType,
    RequestBody,
    Schema,
)

from web import messages
from web import messages_on_input as on_input
from web.http.answers import PROBLEM_JSON, AnyRequest
from web.http.inputs import BadInput, FieldError, Fields
from web.http.pairs import repeated
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
    UTF-8, BadInput with names that are there twice.
    """
    sent = await _sent(request)
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if sent and content_type not in ("", "application/json"):
        raise UnsupportedMediaType(on_input.other_format(content_type))
    try:
        given = msgspec.json.decode(sent or b"{}")
        errors = twice(sent, len(given)) if isinstance(given, dict) else []
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ClientException(on_input.body_not_json(str(error))) from error
    if not isinstance(given, dict):
        raise ClientException(on_input.BODY_NOT_AN_OBJECT)
    if errors:
        raise BadInput(errors)
    fields = Fields(given, frozenset(body))
    for name, field in body.items():
        if field.required:
            fields.require(name)
    return fields


async def _sent(request: AnyRequest) -> bytes:
    """As Litestar's `body`, without the generator that takes most of its time. Raises HTTPException."""
    sent, size, is_open = bytearray(), int(request.headers.get("content-length", 0)), True
    while is_open and size <= BODY_LIMIT:
        event = await request.receive()
        if event["type"] != "http.request":
            raise InternalServerException(messages.CLIENT_LEFT)
        sent += event["body"]
        is_open, size = event.get("more_body", False), len(sent)
    if size > BODY_LIMIT:
        raise RequestEntityTooLarge
    return bytes(sent)


def twice(sent: bytes, names: int) -> Sequence[FieldError]:
    """An error for each name that is there twice in `sent`, a JSON object with `names` different ones.

    A colon follows each name, so without more colons than names there is none. Numbers are not converted, however long
    they are.
    """
    if sent.count(b":") <= names:
        return []
    pairs = json.loads(sent.decode(), object_pairs_hook=list, parse_int=str, parse_float=str)
    return list(repeated(name for name, _ in pairs))


def described(body: Body) -> RequestBody:
    """For the OpenAPI document."""
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
