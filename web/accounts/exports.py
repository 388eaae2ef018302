"""The list of accounts and the history of one account as files: see web.http.exports."""

from collections.abc import Callable
from typing import Annotated, Final

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import Parameter
from litestar.response import Stream
from msgspec.structs import replace

from domain.identifiers import AccountId, parse_account_id
from projections.readmodels import balances, history
from projections.readmodels.balances import Wanted
from web.accounts.answers import EntryAnswer, ListedAccountAnswer
from web.accounts.api import read_row
from web.accounts.holders import held_by_all
from web.accounts.listing import typed_amount, wanted_of
from web.http.exports import FORMATS, TOGETHER, Export, Format, Rows, answer
from web.services import Services

_ACCOUNTS: Final = Export(name="accounts", row=ListedAccountAnswer)
_ENTRIES: Final = Export(name="entries", row=EntryAnswer)


def routes() -> list[HTTPRouteHandler]:
    return [route(form) for route in (_accounts, _history) for form in FORMATS]


def _get(path: str) -> Callable[..., HTTPRouteHandler]:
    return get(path, include_in_schema=False)


def _accounts(form: Format) -> HTTPRouteHandler:
    async def export(
        services: Services,
        balance_below: Annotated[str | None, Parameter(max_length=24)] = None,
        currency: Annotated[str | None, Parameter(max_length=3)] = None,
        q: Annotated[str, Parameter(max_length=64)] = "",
    ) -> Stream:
        filtered, text = wanted_of(services, balance_below, currency, typed_amount), q.strip()
        wanted = replace(filtered, q=text, held=await held_by_all(services, text))
        return await answer(_ACCOUNTS, form, _account_rows(services, wanted), "daybook-accounts")

    return _get(f"/accounts.{form}")(export)


async def _account_rows(services: Services, wanted: Wanted) -> Rows:
    async for rows in balances.all_accounts(services.redis, wanted):
        yield [ListedAccountAnswer.of(row) for row in rows]


def _history(form: Format) -> HTTPRouteHandler:
    async def export(services: Services, account_id: str) -> Stream:
        wanted = parse_account_id(account_id)
        await read_row(services, wanted, None)
        return await answer(_ENTRIES, form, _entry_rows(services, wanted), f"daybook-history-{wanted}")

    return _get(f"/accounts/{{account_id:str}}/history.{form}")(export)


async def _entry_rows(services: Services, account_id: AccountId) -> Rows:
    before: int | None = None
    while found := await history.entries(services.redis, account_id, before=before, limit=TOGETHER):
        reversals = await history.reversals(services.redis, [entry.entry_id for entry in found])
        yield [EntryAnswer.of(entry, reversals.get(entry.entry_id)) for entry in found]
        before = found[-1].position
