"""Forms that create, change and delete people: post, redirect, get."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import post
from litestar.response import Redirect
from litestar.response.base import Response

from commands.users import UserReceipt
from domain.identifiers import parse_user_id
from domain.users import UnknownUser
from projections.readmodels.people import FIELDS
from web.accounts.forms import key_of
from web.http.answers import AnyRequest, problem_for
from web.http.codes import FieldCode
from web.http.inputs import BadInput, FieldError, Fields
from web.http.problems import RETRY_AFTER
from web.live.regions import Regions
from web.messages_on_people import CONFIRM
from web.services import Services
from web.users import commands, forms
from web.users.forms import PersonForm
from web.users.pages import user_page, users_page

Page = Callable[[PersonForm, int, dict[str, str]], Awaitable[Response[Any]]]
Typed = dict[str, str]


@post("/users", include_in_schema=False)
async def create(request: AnyRequest, services: Services, regions: Regions) -> Response[Any]:
    async def give(typed: Typed, key: UUID) -> UserReceipt:
        fields = Fields(typed)
        fields.require("name")
        user_id, personal = commands.person(fields, key)
        return await services.users.create(user_id, personal, services.context(key, "web"))

    async def again(form: PersonForm, code: int, headers: dict[str, str]) -> Response[Any]:
        return await users_page(services, regions, form, code=code, headers=headers)

    return await _answer(request, give, _to_person, again)


@post("/users/{user_id:str}", include_in_schema=False)
async def change(request: AnyRequest, services: Services, regions: Regions, user_id: str) -> Response[Any]:
    user = parse_user_id(user_id)

    async def give(typed: Typed, key: UUID) -> UserReceipt:
        sent = {field: typed[field] for field in FIELDS if field in typed}
        return await services.users.update(user, commands.changes(Fields(sent)), services.context(key, "web"))

    async def again(form: PersonForm, code: int, headers: dict[str, str]) -> Response[Any]:
        return await user_page(services, regions, user, form=form, code=code, headers=headers)

    return await _answer(request, give, _to_person, again)


@post("/users/{user_id:str}/deletion", include_in_schema=False)
async def delete(request: AnyRequest, services: Services, regions: Regions, user_id: str) -> Response[Any]:
    """Only if the box that confirms it is ticked."""
    user = parse_user_id(user_id)

    async def give(typed: Typed, key: UUID) -> UserReceipt:
        if typed.get("confirmed") != "yes":
            raise BadInput((FieldError("confirmed", FieldCode.MISSING, CONFIRM),))
        return await services.users.delete(user, services.context(key, "web"))

    async def again(form: PersonForm, code: int, headers: dict[str, str]) -> Response[Any]:
        return await user_page(services, regions, user, deleting=form, code=code, headers=headers)

    return await _answer(request, give, lambda receipt: f"/users?deleted={receipt.position}", again)


async def _answer(
    request: AnyRequest,
    give: Callable[[Typed, UUID], Awaitable[UserReceipt]],
    next_page: Callable[[UserReceipt], str],
    again: Page,
) -> Response[Any]:
    """A redirect; or the page again with the form as it was typed and what is wrong with it."""
    sent = await request.form()
    typed = {name: value for name, value in sent.items() if isinstance(value, str)}
    key = key_of(request.headers, typed)
    try:
        receipt = await give(typed, key)
    except Exception as error:
        problem = problem_for(error)
        if problem is None or isinstance(error, UnknownUser):
            raise
        headers = {"Retry-After": RETRY_AFTER} if problem.status == 503 else {}
        return await again(forms.refused(typed, key, error, problem), problem.status, headers)
    return Redirect(next_page(receipt), status_code=303)


def _to_person(receipt: UserReceipt) -> str:
    return f"/users/{quote(receipt.user_id)}?changed={receipt.position}"
