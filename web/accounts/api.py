"""Reading accounts in the JSON API. The commands are in `booking`."""

from typing import Annotated

import msgspec
from litestar import Response, get
from litestar.datastructures import ResponseHeader
from litestar.params import Parameter
from msgspec.structs import replace

from domain.accounts import UnknownAccount
from domain.identifiers import parse_account_id
from domain.money import parse_amount
from domain.notes import REFERENCE_LENGTH
from eventstore.store import StreamStopped
from projections.readmodels import balances, history
from projections.readmodels.balances import AccountRow
from web import messages, messages_on_accounts
from web.accounts.answers import (
    AccountAnswer,
    AccountsAnswer,
    EntriesAnswer,
    EntryAnswer,
    HistoryAnswer,
    HoldsAnswer,
    ListedAccountAnswer,
)
from web.accounts.holders import held_by
from web.accounts.listing import list_of, wanted_of
from web.http.bodies import problems
from web.http.conditions import etag
from web.http.parameters import Limit, MinPosition, Position
from web.http.problems import Settling
from web.http.rendering import PAGE_ROWS
from web.services import Services

_ETAG = ResponseHeader(
    name="ETag", description="The account's revision in quotes, for If-Match", documentation_only=True
)


@get("/accounts", responses=problems(400, 422, 503))
async def list_accounts(
    services: Services,
    balance_below: Annotated[
        str | None, Parameter(description="A decimal string: only accounts below this balance, lowest first")
    ] = None,
    currency: Annotated[str | None, Parameter(max_length=3)] = None,
    q: Annotated[
        str,
        Parameter(
            max_length=64,
            description="Text that the account's id contains, or the beginnings of words of the holder's name; case "
            "is ignored",
        ),
    ] = "",
    after: Annotated[
        str | None, Parameter(max_length=100, description="The `after` of the previous page")
    ] = None,
    limit: Limit = PAGE_ROWS,
) -> AccountsAnswer:
    """Accounts, most recently changed first."""
    wanted = wanted_of(services, balance_below, currency, parse_amount)
    held = await held_by(services, q)
    page = await list_of(services, replace(wanted, q=q, held=held.accounts), after, limit)
    return AccountsAnswer(accounts=[ListedAccountAnswer.of(row) for row in page.accounts], after=page.after)


@get("/accounts/{account_id:str}", response_headers=[_ETAG], responses=problems(400, 404, 409, 422, 503))
async def read_account(
    services: Services, account_id: str, min_position: MinPosition = None
) -> Response[AccountAnswer]:
    """An account as the read models have it; `settling` if they have not reached `min_position`."""
    row, settled = await read_row(services, account_id, min_position)
    listed = msgspec.structs.asdict(ListedAccountAnswer.of(row))
    answer = AccountAnswer(**listed, settling=not settled)
    return Response(answer, headers={"ETag": etag(row.revision)})


@get(
    "/accounts/{account_id:str}/holds", response_headers=[_ETAG], responses=problems(400, 404, 409, 422, 503)
)
async def read_holds(
    services: Services, account_id: str, min_position: MinPosition = None
) -> Response[HoldsAnswer]:
    """The holds of an account that have not ended, oldest first."""
    row, settled = await read_row(services, account_id, min_position)
    if not settled:
        raise Settling(messages.position_not_reached(min_position or 0))
    return Response(HoldsAnswer.of(row), headers={"ETag": etag(row.revision)})


@get("/accounts/{account_id:str}/history", responses=problems(400, 404, 409, 422, 503))
async def read_history(
    services: Services, account_id: str, before: Position = None, limit: Limit = PAGE_ROWS
) -> HistoryAnswer:
    """An account's entries, newest first, with the balance after each. `before` continues it."""
    parse_account_id(account_id)
    entries = await history.entries(services.redis, account_id, before=before, limit=limit)
    if not entries and await balances.account(services.redis, account_id) is None:
        raise await _not_found(services, account_id)
    further = entries[-1].position if len(entries) == limit else None
    reversals = await history.reversals(services.redis, [entry.entry_id for entry in entries])
    answers = [EntryAnswer.of(entry, reversals.get(entry.entry_id)) for entry in entries]
    return HistoryAnswer(account_id=account_id, entries=answers, before=further)


@get("/entries", responses=problems(400, 422, 503))
async def find_entries(
    services: Services,
    reference: Annotated[
        str, Parameter(min_length=1, max_length=REFERENCE_LENGTH, description="Exactly as it was booked")
    ],
    limit: Limit = PAGE_ROWS,
) -> EntriesAnswer:
    """The newest entries of all accounts that have this reference, newest first."""
    found = await history.with_reference(services.redis, reference, limit=limit)
    reversals = await history.reversals(services.redis, [entry.entry_id for _, entry in found])
    return EntriesAnswer.of(reference, found, reversals)


async def read_row(services: Services, account_id: str, min_position: int | None) -> tuple[AccountRow, bool]:
    """And whether the read models have reached the position. Raises UnknownAccount, StreamStopped, Settling."""
    parse_account_id(account_id)
    settled = await services.positions.reached(min_position, "min_position", balances.MODEL)
    row = await balances.account(services.redis, account_id)
    if row is None and min_position is not None and not settled:
        raise Settling(messages.position_not_reached(min_position))
    if row is None:
        raise await _not_found(services, account_id)
    return row, settled


async def _not_found(services: Services, account_id: str) -> UnknownAccount | StreamStopped:
    if stopped := await balances.stopped(services.redis, account_id):
        return StreamStopped(stopped.stream, stopped.revision, stopped.reason)
    return UnknownAccount(messages_on_accounts.no_account(account_id))
