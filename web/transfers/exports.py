"""The list of transfers as a file: see web.http.exports."""

from typing import Annotated, Final

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import Parameter, QueryParameter
from litestar.response import Stream

from projections.readmodels import transfers
from web.accounts.identifiers import typed_account_id
from web.http.exports import FORMATS, TOGETHER, Export, Format, Rows, answer
from web.http.inputs import Fields
from web.services import Services
from web.transfers.answers import ListedTransferAnswer
from web.transfers.api import known_state

_TRANSFERS: Final = Export(name="transfers", row=ListedTransferAnswer)


def routes() -> list[HTTPRouteHandler]:
    return [_route(form) for form in FORMATS]


def _route(form: Format) -> HTTPRouteHandler:
    async def export(
        services: Services,
        in_state: Annotated[str, QueryParameter(name="state", max_length=20)] = "",
        account: Annotated[str, Parameter(max_length=64)] = "",
    ) -> Stream:
        fields = Fields({"state": in_state, "account": account})
        state = fields.read("state", known_state, None)
        account_id = fields.read("account", typed_account_id, None)
        fields.check()
        return await answer(_TRANSFERS, form, _rows(services, state, account_id), "daybook-transfers")

    return get(f"/transfers.{form}", include_in_schema=False)(export)


async def _rows(services: Services, state: str | None, account: str | None) -> Rows:
    """Their order never changes: a transfer stays where it is in a list."""
    after: str | None = None
    while True:
        page = await transfers.transfers(
            services.redis, state=state, account=account, after=after, limit=TOGETHER
        )
        yield [ListedTransferAnswer.of_row(row) for row in page.transfers]
        if page.after is None:
            return
        after = page.after
