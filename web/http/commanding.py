"""What the commands of the JSON API share: under which id and terms they are asked for, and how that is described.

Their handlers take only the request: Litestar would read and check each parameter that a handler has, for longer than
the decision on a deposit takes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import msgspec
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIResponse, OpenAPIType, Operation, Parameter, Schema

from commands.deciding import Terms
from web.http import conditions, keys
from web.http.answers import AnyRequest
from web.http.bodies import Body, described
from web.http.conditions import terms_of
from web.http.keys import LONGEST_KEY, Key, key_of
from web.http.parameters import PARAMETERS

_DRY_RUN: Final = "dry_run"
TAKES: Final = {PARAMETERS: (_DRY_RUN,)}
"""For `opt` of a command's route."""


class Asked(NamedTuple):
    key: Key
    terms: Terms


def asked(request: AnyRequest) -> Asked:
    """Raises BadKey, BadCondition, BadInput."""
    headers = request.headers
    dry_run = request.query_params.get(_DRY_RUN) if request.scope["query_string"] else None
    return Asked(key_of(headers), terms_of(headers, dry_run))


def commanding(
    body: Body | None = None, examples: Mapping[int, msgspec.Struct] | None = None
) -> type[Operation]:
    """For `operation_class`: describes what a command takes in the OpenAPI document. `examples`: answers, by status."""

    @dataclass
    class Commanding(Operation):
        def __post_init__(self) -> None:
            self.parameters = [*PARAMETERS_OF_COMMANDS, *(self.parameters or ())]
            if body is not None:
                self.request_body = described(body)
            for status, example in (examples or {}).items():
                _content(self, status).example = example

    return Commanding


def _parameter(name: str, place: str, description: str, values: tuple[str, ...] = ()) -> Parameter:
    schema = Schema(type=OpenAPIType.STRING, description=description, enum=list(values) or None)
    return Parameter(name, place, schema, description, required=False)


PARAMETERS_OF_COMMANDS: Final = (
    _parameter(
        keys.HEADER,
        "header",
        f"Any text up to {LONGEST_KEY} characters, quoted or bare, for example a UUID. A command that is repeated with "
        "the same one is booked once",
    ),
    _parameter(
        conditions.HEADER,
        "header",
        'ETags, for example "7", or *: the command is booked only if the account (of a transfer: the one that pays) or '
        "the person is at one of these revisions, or with * only if it exists",
    ),
    _parameter(_DRY_RUN, "query", "1: the command is decided, and nothing is booked", ("0", "1")),
)


def _content(operation: Operation, status: int) -> OpenAPIMediaType:
    answer = (operation.responses or {})[str(status)]
    assert isinstance(answer, OpenAPIResponse)
    return (answer.content or {})["application/json"]
