"""The page that makes a transfer from an account: choose who receives it, fill in the form, confirm.

It works without JavaScript. Choosing is a plain GET. The form is sent twice to the same address, the second time by the
page that shows what will happen.
"""

from typing import Annotated, Any, Final
from uuid import UUID

from litestar import get, post
from litestar.params import Parameter
from litestar.response import Redirect, Template
from litestar.response.base import Response

from commands.deciding import Terms
from commands.transfers import TransferReceipt
from domain.accounts import UnknownAccount
from domain.errors import InvalidAccountId, SameAccount
from domain.identifiers import parse_account_id
from domain.transfers import messages as on_transfers
from web import messages_on_transfers as messages
from web.accounts import forms, listing
from web.accounts.entries import sent
from web.accounts.forms import Form
from web.accounts.identifiers import typed_account_id
from web.http.answers import AnyRequest, problem_for
from web.http.problems import RETRY_AFTER, Problem
from web.http.rendering import page
from web.live.regions import Regions
from web.services import Services
from web.transfers import preview
from web.transfers.orders import order_of
from web.transfers.preview import Party

_ADDRESS: Final = "/accounts/{account_id:str}/transfer"
_UNUSABLE: Final = (UnknownAccount, InvalidAccountId, SameAccount)
_Typed = dict[str, str]


@get(_ADDRESS, include_in_schema=False)
async def transfer_form(
    services: Services,
    regions: Regions,
    account_id: str,
    q: Annotated[str, Parameter(max_length=64)] = "",
    to: Annotated[str, Parameter(max_length=64)] = "",
) -> Template:
    """Without `to` the receiving account is chosen, from those that `q` finds by id or holder."""
    payer = await preview.party(services, parse_account_id(account_id))
    if not to.strip():
        return await _choosing(services, regions, payer, q.strip())
    try:
        receiver = await _receiver(services, payer, to)
    except _UNUSABLE as error:
        return await _choosing(services, regions, payer, q.strip() or to.strip(), error)
    return await _filling_in(regions, payer, receiver, forms.fresh(forms.ENTRY))


@post(_ADDRESS, include_in_schema=False)
async def request_transfer(
    request: AnyRequest, services: Services, regions: Regions, account_id: str
) -> Response[Any]:
    """`step` is what is asked for: `confirm` requests the transfer, `change` goes back to the form; otherwise it is
    shown what the transfer will do.
    """
    payer = await preview.party(services, parse_account_id(account_id))
    typed = await sent(request)
    key = forms.key_of(request.headers, typed)
    try:
        receiver = await _receiver(services, payer, typed.get("to", ""))
    except _UNUSABLE as error:
        return await _choosing(services, regions, payer, typed.get("to", "").strip(), error)
    if typed.get("step") == "change":
        return await _filling_in(regions, payer, receiver, _as_typed(typed, key))
    return await _requested(services, regions, payer, receiver, typed, key)


async def _requested(
    services: Services, regions: Regions, payer: Party, receiver: Party, typed: _Typed, key: UUID
) -> Response[Any]:
    try:
        receipt = await _receipt(services, payer, typed, key)
        shown = None if receipt.position is not None else await preview.of(services, receipt)
    except Exception as error:
        problem = problem_for(error)
        if problem is None:
            raise
        form = forms.refused(forms.fresh(forms.ENTRY), typed, key, error, problem)
        return await _filling_in(regions, payer, receiver, form, problem)
    if shown is None:
        return Redirect(f"/transfers/{receipt.transfer_id}?requested={receipt.position}", status_code=303)
    own = {"preview": shown, "form": _as_typed(typed, key), "account_id": payer.account_id, "place": ""}
    return page("transfers/confirm.html", {**await regions.context("status"), **own})


async def _receipt(services: Services, payer: Party, typed: _Typed, key: UUID) -> TransferReceipt:
    """It has a position if the transfer was requested, now or before."""
    fields = forms.fields_of(forms.ENTRY, typed, {"from": payer.account_id, "to": typed["to"]})
    order = order_of(fields, services.today())
    terms = Terms(dry_run=typed.get("step") != "confirm")
    return await services.transfers.request(order, services.context(key, "web"), terms)


async def _receiver(services: Services, payer: Party, text: str) -> Party:
    """Raises what is in _UNUSABLE."""
    account_id = typed_account_id(text)
    if account_id == payer.account_id:
        raise SameAccount(on_transfers.same_account(account_id))
    return await preview.party(services, account_id)


def _as_typed(typed: _Typed, key: UUID) -> Form:
    values = {each.name: each.kept(typed) for each in forms.ENTRY}
    return Form(key=key, inputs=forms.ENTRY, values=values)


async def _choosing(
    services: Services, regions: Regions, payer: Party, q: str, error: Exception | None = None
) -> Template:
    shown = await regions.context("status")
    found = await listing.accounts(services, q=q) if q else {"page": None, "note": ""}
    own = {"payer": payer, "refusal": "", "place": "", **found, "wanted": q}
    if error is None:
        return page("transfers/choose.html", {**shown, **own})
    problem = problem_for(error)
    assert problem is not None
    return page("transfers/choose.html", {**shown, **own, "refusal": problem.detail}, status=problem.status)


async def _filling_in(
    regions: Regions, payer: Party, receiver: Party, form: Form, problem: Problem | None = None
) -> Template:
    headers = {"Retry-After": RETRY_AFTER} if problem and problem.status == 503 else {}
    own = {"payer": payer, "receiver": receiver, "form": form, "about": messages.ABOUT_TRANSFER, "place": ""}
    context = {**await regions.context("status"), **own}
    return page("transfers/form.html", context, status=problem.status if problem else 200, headers=headers)
