"""The pages of actions: what a command will do, its form, and why it is refused. They work without JavaScript:
post, redirect, get.
"""

from contextlib import suppress
from typing import Any, Final
from urllib.parse import quote

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect, Template
from litestar.response.base import Response

from domain.accounts import EntryOfTransfer, UnknownAccount, UnknownEntry, UnknownHold
from domain.identifiers import AccountId, parse_account_id
from projections.engine.reading import ReadModelMissing
from projections.readmodels import balances
from projections.readmodels.balances import AccountRow
from web.accounts import commands, forms
from web.accounts.actions import ACTIONS, OPEN, Action, foretold, tried
from web.accounts.commands import Given
from web.accounts.entries import sent
from web.accounts.forms import Form
from web.http.answers import AnyRequest, problem_for
from web.http.inputs import BadInput
from web.http.problems import RETRY_AFTER, Problem
from web.http.rendering import page
from web.live.regions import Regions
from web.services import Services

UNKNOWN: Final = (UnknownAccount, UnknownEntry, UnknownHold)


def routes() -> list[HTTPRouteHandler]:
    """The page of each action, and what its form is sent to. The form that opens an account is on its page."""
    return [_receiver(action) for action in ACTIONS] + [
        _redirect_to_account() if action is OPEN else _page(action) for action in ACTIONS
    ]


def _address(action: Action) -> str:
    return f"/accounts/{{account_id:str}}/{action.path}"


def _redirect_to_account() -> HTTPRouteHandler:
    async def shown(account_id: str) -> Redirect:
        return Redirect(f"/accounts/{quote(account_id)}", status_code=303)

    return get(_address(OPEN), include_in_schema=False)(shown)


def _page(action: Action) -> HTTPRouteHandler:
    async def shown(request: AnyRequest, services: Services, regions: Regions) -> Template | Redirect:
        try:
            return await _shown(request, services, regions, action, forms.fresh(action.inputs))
        except EntryOfTransfer as entry:
            return Redirect(f"/transfers/{entry.transfer_id}/reversal", status_code=303)

    return get(_address(action), include_in_schema=False)(shown)


def _receiver(action: Action) -> HTTPRouteHandler:
    async def received(request: AnyRequest, services: Services, regions: Regions) -> Response[Any]:
        typed = await sent(request)
        key = forms.key_of(request.headers, typed)
        fields = forms.fields_of(action.inputs, typed)
        given = Given(services=services, key=key, ids=request.path_params, fields=fields)
        try:
            receipt = await commands.handle(services, action.command(given), "web")
        except Exception as error:
            problem = problem_for(error)
            if problem is None or isinstance(error, UNKNOWN):
                raise
            fresh = forms.fresh(action.inputs, services.currency)
            form = forms.refused(fresh, typed, key, error, problem)
            return await _shown(request, services, regions, action, form, problem)
        row = f"#entry-{receipt.entry_id}" if receipt.entry_id else ""
        booked = f"/accounts/{quote(receipt.account_id)}?booked={receipt.position}"
        return Redirect(f"{booked}{row}", status_code=303)

    return post(_address(action), include_in_schema=False)(received)


async def _shown(
    request: AnyRequest,
    services: Services,
    regions: Regions,
    action: Action,
    form: Form,
    problem: Problem | None = None,
) -> Template:
    """The command is tried first: a form that would be refused is not shown, but the reason."""
    account_id = parse_account_id(request.path_params["account_id"])
    ids, receipt, refusal, row = request.path_params, None, None, await _row(services, account_id)
    try:
        receipt = await tried(services, action, ids, row.currency if row else services.currency)
    except (*UNKNOWN, BadInput, EntryOfTransfer):  # in its address: what is tried has been typed by nobody
        raise
    except Exception as error:
        refusal = problem_for(error)
        if refusal is None:
            raise
    shown = await regions.context("status")
    own = {
        "account_id": account_id,
        "action": action,
        "foreseen": foretold(action, receipt) if receipt else "",
        "preview": await action.preview(services, ids, receipt) if action.preview else None,
        "refusal": refusal,
        "place": "",
        "holder": row.holder if row else None,
    }
    answer = problem or refusal
    headers = {"Retry-After": RETRY_AFTER} if answer and answer.status == 503 else {}
    context = {**shown, **own, "form": form, "address": str(request.url.path)}
    return page("accounts/action.html", context, status=answer.status if answer else 200, headers=headers)


async def _row(services: Services, account_id: AccountId) -> AccountRow | None:
    """None: the account does not exist, or its read model is missing."""
    with suppress(ReadModelMissing):
        return await balances.account(services.redis, account_id)
    return None
