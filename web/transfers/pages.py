"""The pages of transfers: the list, and one transfer step by step."""

from typing import Annotated, Any, Final
from urllib.parse import urlencode

from litestar import get
from litestar.params import Parameter, QueryParameter
from litestar.response import Template

from domain.transfers import UnknownTransfer, Unrequested
from domain.transfers import messages as on_transfers
from projections.readmodels import transfers as readmodel
from web.accounts.identifiers import typed_account_id
from web.http.inputs import Fields
from web.http.parameters import Position
from web.http.rendering import page
from web.live.regions import Regions
from web.services import Services
from web.transfers import view
from web.transfers.api import known_state

_PAGE: Final = "/transfers"


@get(_PAGE, include_in_schema=False)
async def transfers(
    services: Services,
    regions: Regions,
    in_state: Annotated[str, QueryParameter(name="state", max_length=20)] = "",
    account: Annotated[str, Parameter(max_length=64)] = "",
    after: Annotated[str | None, Parameter(max_length=64)] = None,
) -> Template:
    fields = Fields({"state": in_state, "account": account})
    state, account_id = fields.read("state", known_state, ""), fields.read("account", typed_account_id, "")
    fields.check()
    shown = await regions.context("status")
    shown |= await view.listed(services, state, account_id, after)
    filters = {name: text for name, text in (("state", state), ("account", account_id)) if text}
    return page("transfers/transfers.html", shown | _links(shown, filters, after))


def _links(shown: dict[str, Any], filters: dict[str, str], after: str | None) -> dict[str, Any]:
    found = shown["page"]
    return {
        "filters": {"state": "", "account": "", **filters},
        "query": urlencode(filters),
        "states": readmodel.STATES,
        "later": after is not None,
        "here": _address(filters, after),
        "first": _address(filters),
        "next": _address(filters, found.after) if found and found.after else None,
        "place": "transfers",
    }


def _address(filters: dict[str, str], after: str | None = None) -> str:
    query = urlencode(filters if after is None else {**filters, "after": after})
    return f"{_PAGE}?{query}" if query else _PAGE


@get("/transfers/{transfer_id:str}", include_in_schema=False)
async def transfer(
    services: Services, regions: Regions, transfer_id: str, requested: Position = None
) -> Template:
    """`requested` is the position of the request: the page waits a moment until it can be shown."""
    wanted = view.id_of(transfer_id)
    if requested is not None:
        await services.positions.reached(requested, "requested", readmodel.MODEL)
    shown = await regions.context("status", f"transfer:{wanted}")
    if shown["transfer"] is None and isinstance(await services.transfers.state(wanted), Unrequested):
        raise UnknownTransfer(on_transfers.unknown_transfer(str(wanted)))
    return page("transfers/transfer.html", {**shown, "place": ""})
