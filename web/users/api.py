"""People in the JSON API."""

from typing import Annotated, Final

import msgspec
from litestar import Response, delete, get, patch, post
from litestar.datastructures import ResponseHeader
from litestar.params import Parameter

from commands.deciding import Terms
from commands.users import UserReceipt
from domain.identifiers import parse_user_id
from domain.users import UnknownUser
from projections.readmodels import people
from web import messages
from web.http import bodies
from web.http.answers import AnyRequest, Receipted
from web.http.bodies import problems, trying
from web.http.commanding import TAKES, asked, commanding
from web.http.conditions import etag
from web.http.parameters import Limit, MinPosition, Position
from web.http.problems import Settling
from web.http.rendering import PAGE_ROWS
from web.positions import WAIT_SECONDS
from web.services import Services
from web.users import commands, view
from web.users.answers import (
    CHANGED_EXAMPLE,
    ChangedAnswer,
    EntriesOfUserAnswer,
    EntryOfUserAnswer,
    ListedUserAnswer,
    UserAnswer,
    UsersAnswer,
)
from web.users.commands import CHANGES, PERSON

_ETAG: Final = ResponseHeader(
    name="ETag", description="The person's revision in quotes, for If-Match", documentation_only=True
)
_REFUSALS: Final = problems(400, 403, 404, 409, 412, 413, 415, 422, 502, 503)
_TRIED: Final = ChangedAnswer(user_id="jana", revision=3, dry_run=True)


@post(
    "/users",
    operation_class=commanding(PERSON, {201: CHANGED_EXAMPLE, 200: _TRIED}),
    opt=TAKES,
    responses=trying(ChangedAnswer) | _REFUSALS,
)
async def create_user(
    request: AnyRequest,
    services: Services,
) -> Response[ChangedAnswer]:
    """Create a person."""
    key, terms = asked(request)
    user_id, personal = commands.person(await bodies.read(request, PERSON), key.id)
    receipt = await services.users.create(user_id, personal, services.context(key.id, "api"), terms)
    return _changed(receipt, key.text, 201, terms)


@patch(
    "/users/{user_id:str}",
    operation_class=commanding(CHANGES, {200: CHANGED_EXAMPLE}),
    opt=TAKES,
    responses=_REFUSALS,
)
async def update_user(
    request: AnyRequest,
    services: Services,
    user_id: str,
) -> Response[ChangedAnswer]:
    """Change a person's data: only what is sent."""
    key, terms = asked(request)
    user = parse_user_id(user_id)
    personal = commands.changes(await bodies.read(request, CHANGES))
    receipt = await services.users.update(user, personal, services.context(key.id, "api"), terms)
    return _changed(receipt, key.text, 200, terms)


@delete(
    "/users/{user_id:str}",
    status_code=200,
    operation_class=commanding(),
    opt=TAKES,
    responses=_REFUSALS,
)
async def delete_user(
    request: AnyRequest,
    services: Services,
    user_id: str,
) -> Response[ChangedAnswer]:
    """Delete a person who holds no account. Their data can never be read again, not even in older copies."""
    key, terms = asked(request)
    (await bodies.read(request, {})).check()
    receipt = await services.users.delete(parse_user_id(user_id), services.context(key.id, "api"), terms)
    return _changed(receipt, key.text, 200, terms)


@get("/users", responses=problems(400, 422, 503))
async def list_users(
    services: Services,
    q: Annotated[
        str, Parameter(max_length=200, description="The beginnings of words of the name, case ignored")
    ] = "",
    min_position: MinPosition = None,
    limit: Limit = PAGE_ROWS,
) -> UsersAnswer:
    """People by name; with `q` those whose names have words that begin with each of its words."""
    if min_position is not None:
        await services.positions.check(min_position, "min_position")
        # Not `positions.reached`: the list comes from the names in memory, which follow the read models.
        if not await services.directory.reached(min_position, WAIT_SECONDS):
            raise Settling(messages.position_not_reached(min_position))
    found = await view.search(services, q, limit)
    return UsersAnswer(users=[ListedUserAnswer.of(each) for each in found])


@get("/users/{user_id:str}", response_headers=[_ETAG], responses=problems(400, 404, 422, 503))
async def read_user(
    services: Services, user_id: str, min_position: MinPosition = None
) -> Response[UserAnswer]:
    """A person as the read models have it; `settling` if they have not reached `min_position`."""
    user = parse_user_id(user_id)
    settled = await services.positions.reached(min_position, "min_position", people.MODEL)
    try:
        found = await view.one(services, user)
    except UnknownUser:
        if min_position is not None and not settled:
            raise Settling(messages.position_not_reached(min_position)) from None
        raise
    answer = UserAnswer(**msgspec.structs.asdict(ListedUserAnswer.of(found)), settling=not settled)
    return Response(answer, headers={"ETag": etag(answer.revision)})


@get("/users/{user_id:str}/entries", responses=problems(400, 404, 422, 503))
async def read_entries(
    services: Services, user_id: str, before: Position = None, limit: Limit = PAGE_ROWS
) -> EntriesOfUserAnswer:
    """The entries of all accounts that the person holds or held, newest first. `before` continues it."""
    person = await view.known(services, parse_user_id(user_id))
    page = await view.entries(services, person, before, limit)
    listed = [EntryOfUserAnswer.on(each) for each in page.entries]
    return EntriesOfUserAnswer(user_id=person.user_id, entries=listed, before=page.before)


def _changed(receipt: UserReceipt, key: str, code: int, terms: Terms) -> Response[ChangedAnswer]:
    answer, address = ChangedAnswer.of(receipt, dry_run=terms.dry_run), f"/api/users/{receipt.user_id}"
    return Receipted(answer, 200 if terms.dry_run else code, key, address, repeated=receipt.repeated)
