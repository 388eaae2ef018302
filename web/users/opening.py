"""The form on a person's page that opens an account: post, redirect, get."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import get, post
from litestar.response import Redirect
from litestar.response.base import Response
from msgspec.structs import replace

from commands.accounts import Receipt
from domain.identifiers import UserId, parse_user_id
from domain.users import UnknownUser
from web.accounts import commands, forms
from web.accounts.commands import Given
from web.accounts.entries import sent
from web.http.answers import AnyRequest, problem_for
from web.http.problems import RETRY_AFTER
from web.live.regions import Regions
from web.services import Services
from web.users.pages import user_page


@post("/users/{user_id:str}/accounts", include_in_schema=False)
async def open_account(
    request: AnyRequest, services: Services, regions: Regions, user_id: str
) -> Response[Any]:
    """Leads to the account; or the page again with the form as it was typed and what is wrong with it."""
    holder, typed = parse_user_id(user_id), await sent(request)
    key = forms.key_of(request.headers, typed)
    try:
        receipt = await _opened(services, holder, typed, key)
    except Exception as error:
        problem = problem_for(error)
        if problem is None or isinstance(error, UnknownUser):
            raise
        fresh = forms.fresh(forms.FOR_A_PERSON, services.currency)
        form = forms.refused(fresh, typed, key, error, problem)
        headers = {"Retry-After": RETRY_AFTER} if problem.status == 503 else {}
        return await user_page(services, regions, holder, opening=form, code=problem.status, headers=headers)
    return Redirect(f"/accounts/{quote(receipt.account_id)}?booked={receipt.position}", status_code=303)


@get("/users/{user_id:str}/accounts", include_in_schema=False)
async def opening(user_id: str) -> Redirect:
    """A refused form is shown at this address, where it may be reloaded."""
    return Redirect(f"/users/{quote(parse_user_id(user_id))}", status_code=303)


async def _opened(services: Services, holder: UserId, typed: dict[str, str], key: UUID) -> Receipt:
    fields = forms.fields_of(forms.FOR_A_PERSON, typed)
    command = commands.opening(Given(services=services, key=key, ids={}, fields=fields))
    return await commands.handle(services, replace(command, holder=holder), "web")
