"""Forms that book entries. Without JavaScript: post, redirect, get. With htmx: the form comes back as a fragment."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import post
from litestar.response import Redirect, Template
from litestar.response.base import Response

from domain.identifiers import AccountId, parse_account_id
from web.accounts import commands, forms
from web.accounts.forms import Booked, EntryForm
from web.accounts.pages import account_page, dashboard_page
from web.http.answers import AnyRequest, is_fragment
from web.http.problems import RETRY_AFTER, problem_of
from web.http.rendering import page
from web.live.regions import Regions
from web.services import Services


@post("/entries", include_in_schema=False)
async def open_account(request: AnyRequest, services: Services, regions: Regions) -> Response[Any]:
    """A deposit to an account whose id is typed. It opens the account if it does not exist."""
    return await _book(request, services, regions, None)


@post("/accounts/{account_id:str}/entries", include_in_schema=False)
async def book(request: AnyRequest, services: Services, regions: Regions, account_id: str) -> Response[Any]:
    return await _book(request, services, regions, parse_account_id(account_id))


async def _book(
    request: AnyRequest, services: Services, regions: Regions, account_id: AccountId | None
) -> Response[Any]:
    form = await request.form()
    typed = {name: value for name, value in form.items() if isinstance(value, str)}
    key = forms.key_of(typed)
    try:
        kind = forms.kind_of(typed)
        fields = forms.fields_of(typed, account_id)
        command = commands.entry(services, kind, fields, key, account_id)
        receipt = await commands.handle(services, command, "web")
    except Exception as error:
        return await _refused(request, services, regions, account_id, typed, key, error)
    assert receipt.position is not None  # only a dry run has none
    if not is_fragment(request):
        return Redirect(f"/accounts/{quote(receipt.account_id)}?booked={receipt.position}", status_code=303)
    booked = Booked(text=forms.sentence_on(receipt), position=receipt.position)
    fresh = forms.fresh(services.currency)
    context = forms.context_of(fresh, account_id=account_id, asks_currency=account_id is None, booked=booked)
    return page("accounts/_entry_form.html", context)


async def _refused(
    request: AnyRequest,
    services: Services,
    regions: Regions,
    account_id: AccountId | None,
    typed: dict[str, str],
    key: UUID,
    error: Exception,
) -> Response[Any]:
    problem = problem_of(error)
    if problem is None:
        raise error
    form = forms.refused(typed, key, services.currency, error, problem)
    headers = {"Retry-After": RETRY_AFTER} if problem.status == 503 else {}
    if is_fragment(request):
        return await _form_again(services, account_id, form, problem.status, headers)
    if account_id is None:
        shown = await regions.context("status", "totals", "feed", "accounts")
        return dashboard_page(request, shown, form, opening=True, code=problem.status, headers=headers)
    return await account_page(services, regions, account_id, form, code=problem.status, headers=headers)


async def _form_again(
    services: Services, account_id: AccountId | None, form: EntryForm, status: int, headers: dict[str, str]
) -> Template:
    asks = account_id is None or not await commands.exists(services, account_id)
    context = forms.context_of(form, account_id=account_id, asks_currency=asks)
    return page("accounts/_entry_form.html", context, status=status, headers=headers)
