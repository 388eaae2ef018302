"""The page that reverses a transfer: what that will do, and why it is refused. Post, redirect, get."""

from typing import Any, Final
from uuid import UUID, uuid4

from litestar import get, post
from litestar.response import Redirect, Template
from litestar.response.base import Response

from commands.deciding import Terms
from domain.transfers import TransferAlreadyReversed, UnknownTransfer
from web import messages_on_transfers as messages
from web.accounts import forms
from web.accounts.entries import sent
from web.http.answers import AnyRequest, problem_for
from web.http.problems import RETRY_AFTER
from web.http.rendering import page
from web.live.regions import Regions
from web.services import Services
from web.transfers import preview, view

_ADDRESS: Final = "/transfers/{transfer_id:str}/reversal"


@get(_ADDRESS, include_in_schema=False)
async def reversal_form(services: Services, regions: Regions, transfer_id: str) -> Template:
    """The reversal is tried: a form that would be refused is not shown, but the reason."""
    wanted, key = view.id_of(transfer_id), uuid4()
    try:
        context = services.context(key, "web")
        tried = await services.transfers.reverse(wanted, services.today(), context, Terms(dry_run=True))
        shown = await preview.of(services, tried)
    except Exception as error:
        return await _refused(services, regions, wanted, error)
    own = {"preview": shown, "key": key, "refusal": None, "reversal": None}
    return await _shown(regions, wanted, own, 200)


@post(_ADDRESS, include_in_schema=False)
async def reverse_transfer(
    request: AnyRequest, services: Services, regions: Regions, transfer_id: str
) -> Response[Any]:
    wanted, key = view.id_of(transfer_id), forms.key_of(request.headers, await sent(request))
    try:
        receipt = await services.transfers.reverse(wanted, services.today(), services.context(key, "web"))
    except Exception as error:
        return await _refused(services, regions, wanted, error)
    return Redirect(f"/transfers/{receipt.transfer_id}?requested={receipt.position}", status_code=303)


async def _refused(services: Services, regions: Regions, transfer_id: UUID, error: Exception) -> Template:
    problem = problem_for(error)
    if problem is None or isinstance(error, UnknownTransfer):
        raise error
    reversal = None
    if isinstance(error, TransferAlreadyReversed):
        reversal = await services.transfers.reversed_by(transfer_id)
    own = {"preview": None, "key": None, "refusal": problem.detail, "reversal": reversal}
    return await _shown(regions, transfer_id, own, problem.status)


async def _shown(regions: Regions, transfer_id: UUID, own: dict[str, Any], status: int) -> Template:
    shown = await regions.context("status")
    about = {"transfer_id": transfer_id, "about": messages.ABOUT_REVERSAL, "place": "", **own}
    headers = {"Retry-After": RETRY_AFTER} if status == 503 else {}
    return page("transfers/reversal.html", {**shown, **about}, status=status, headers=headers)
