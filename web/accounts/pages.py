"""The pages of accounts: the start page with the list, and the page of one account."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated
from urllib.parse import quote, urlencode
from uuid import UUID

from litestar import get
from litestar.params import Parameter
from litestar.response import Redirect, Template

from domain.accounts import UnknownEntry
from domain.identifiers import AccountId, parse_account_id
from domain.messages import unknown_entry
from projections.engine.reading import ReadModelMissing
from projections.readmodels import balances, history
from web import messages
from web.accounts import forms, listing, view
from web.accounts.actions import OPEN
from web.accounts.forms import Booked
from web.accounts.identifiers import is_account_id
from web.accounts.listing import typed_filter
from web.http import requests
from web.http.answers import AnyRequest
from web.http.parameters import Position
from web.http.rendering import PAGE_ROWS, TemplateContext, page
from web.live.regions import Regions
from web.services import Services

_Query = Annotated[str, Parameter(max_length=64)]


@get("/", include_in_schema=False)
async def dashboard(
    request: AnyRequest,
    services: Services,
    regions: Regions,
    balance_below: Annotated[str | None, Parameter(max_length=24)] = None,
    currency: Annotated[str | None, Parameter(max_length=3)] = None,
    q: _Query = "",
    after: _Query | None = None,
    open: bool = False,
    booked: Position = None,
    opened: _Query = "",
) -> Template:
    chosen = typed_filter(services, balance_below, currency)
    asked = opening_form(services) | {"booked": await _booked(services, booked, opened)}
    # The status first: changes that come while the rest is read are sent again by live updates.
    shown = await regions.context("status", "totals", "feed")
    shown |= await listing.accounts(services, chosen=chosen, q=q.strip(), after=after)
    if chosen and chosen.error:
        requests.refused(chosen.error)
    code = 422 if chosen and chosen.error else 200
    return dashboard_page(request, shown, asked, opening=open or booked is not None, code=code)


@get("/search", include_in_schema=False)
async def search(services: Services, q: _Query = "") -> Redirect:
    """Redirects to the account with that id, or else to the list of those that it finds by id or holder."""
    wanted = q.strip()
    with suppress(ReadModelMissing):  # the list says of itself that it is being rebuilt
        if is_account_id(wanted) and await balances.account(services.redis, wanted) is not None:
            return Redirect(f"/accounts/{quote(wanted)}", status_code=303)
    return Redirect("/?" + urlencode({"q": wanted}) if wanted else "/", status_code=303)


@get("/accounts/{account_id:str}", include_in_schema=False)
async def account(
    services: Services,
    regions: Regions,
    account_id: str,
    before: Position = None,
    booked: Position = None,
) -> Template:
    wanted = parse_account_id(account_id)
    asked = entry_form(wanted) | {"booked": await _booked(services, booked)}
    return await account_page(services, regions, wanted, asked, before=before)


@get(
    "/accounts/{account_id:str}/entries/{entry_id:uuid}",
    include_in_schema=False,
)
async def entry(
    services: Services,
    account_id: str,
    entry_id: UUID,
    before: Position = None,
) -> Redirect:
    """Redirects to the page of the history that has the entry. `before`: it is below this position."""
    wanted = parse_account_id(account_id)
    found = await history.entry(services.redis, wanted, entry_id, before=before)
    if found is None:
        raise UnknownEntry(unknown_entry(str(entry_id), wanted))
    newest = await history.entries(services.redis, wanted, limit=PAGE_ROWS)
    place = "" if found.position >= newest[-1].position else f"?before={found.position + 1}"
    return Redirect(f"/accounts/{quote(wanted)}{place}#entry-{entry_id}", status_code=303)


@get(["/accounts", "/entries"], include_in_schema=False)
async def accounts() -> Redirect:
    return Redirect("/", status_code=303)


@get("/accounts/{account_id:str}/entries", include_in_schema=False)
async def entries(account_id: str) -> Redirect:
    """Without JavaScript a refused form is shown at this address, where it may be reloaded."""
    return Redirect(f"/accounts/{quote(account_id)}", status_code=303)


async def _booked(services: Services, position: int | None, opened: str = "") -> Booked | None:
    """What the page says about an entry that its form booked, which may have opened the account with the id `opened`.

    The answer waits a moment for the read models.
    """
    if position is None:
        return None
    settled = await services.positions.reached(position, "booked", balances.MODEL, history.MODEL)
    account = parse_account_id(opened) if opened else ""
    return Booked(text=messages.DONE, position=position, settled=settled, opened=account)


def opening_form(services: Services) -> TemplateContext:
    """The context of accounts/_entry_form.html: the form with a field for the account."""
    form = forms.fresh(forms.OPENING, services.currency)
    buttons = (("deposit", "Deposit"),)
    return {"form": form, "action": "/entries", "buttons": buttons, "booked": None}


def entry_form(account_id: AccountId) -> TemplateContext:
    """The context of accounts/_entry_form.html, on the account's own page."""
    action = f"/accounts/{quote(account_id)}/entries"
    buttons = (("deposit", "Deposit"), ("withdrawal", "Withdraw"))
    return {"form": forms.fresh(forms.ENTRY), "action": action, "buttons": buttons, "booked": None}


def dashboard_page(
    request: AnyRequest,
    shown: Mapping[str, object],
    asked: TemplateContext,
    *,
    opening: bool,
    code: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Template:
    """`shown` is the context of the page's regions, `asked` that of its form."""
    items = request.query_params.multi_items()
    query = urlencode([item for item in items if item[0] not in ("booked", "opened")])
    here = f"{request.url.path}?{query}" if query else request.url.path
    whole = not (shown["chosen"] or shown["q"] or shown["later"])
    own = {"whole": whole, "here": here, "place": "accounts", "opening": opening}
    return page("accounts/dashboard.html", {**shown, **own, **asked}, status=code, headers=headers)


async def account_page(
    services: Services,
    regions: Regions,
    account_id: AccountId,
    asked: TemplateContext,
    *,
    before: int | None = None,
    code: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Template:
    """An account that does not exist has a form that opens it instead of the form `asked`."""
    shown = await regions.context("status")
    shown |= await view.account(services, account_id, before)
    opens = {"opens": OPEN, "opening": forms.fresh(OPEN.inputs, services.currency)}
    return page(
        "accounts/account.html", {**shown, "place": "", **opens, **asked}, status=code, headers=headers
    )
