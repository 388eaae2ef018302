"""Accounts in the JSON API."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import Parameter

from commands.accounts import Receipt
from domain.accounts import Deposit, UnknownAccount, Withdraw
from domain.identifiers import parse_account_id
from domain.money import parse_amount
from eventstore.store import StreamStopped
from projections.readmodels import balances, history
from web import messages
from web.accounts import commands
from web.accounts.answers import (
    AccountAnswer,
    AccountsAnswer,
    BookedAnswer,
    EntryAnswer,
    HistoryAnswer,
    ListedAccountAnswer,
)
from web.accounts.commands import ACCOUNT, ENTRY
from web.accounts.listing import list_of
from web.http import bodies
from web.http.answers import AnyRequest
from web.http.bodies import problems, taking
from web.http.inputs import Fields, command_id, currency_code
from web.http.parameters import WAIT_SECONDS, IdempotencyKey, Limit, MinPosition, Position
from web.http.problems import Settling
from web.http.rendering import PAGE_ROWS
from web.live import status
from web.services import Services


@post("/accounts", operation_class=taking(ACCOUNT), responses=problems(400, 404, 409, 415, 422, 503))
async def open_account(
    request: AnyRequest, services: Services, idempotency_key: IdempotencyKey = None
) -> Response[BookedAnswer]:
    """Open an account."""
    key = command_id(idempotency_key)
    command = commands.opening(await bodies.read(request, ACCOUNT), key)
    return _booked(await commands.handle(services, command, "api"), key)


@post(
    "/accounts/{account_id:str}/deposits",
    operation_class=taking(ENTRY),
    responses=problems(400, 409, 415, 422, 503),
)
async def deposit(
    request: AnyRequest, services: Services, account_id: str, idempotency_key: IdempotencyKey = None
) -> Response[BookedAnswer]:
    """Deposit money. This opens the account if it does not exist. An Idempotency-Key counts for one account."""
    return await _book(Deposit, request, services, account_id, idempotency_key)


@post(
    "/accounts/{account_id:str}/withdrawals",
    operation_class=taking(ENTRY),
    responses=problems(400, 404, 409, 415, 422, 503),
)
async def withdraw(
    request: AnyRequest, services: Services, account_id: str, idempotency_key: IdempotencyKey = None
) -> Response[BookedAnswer]:
    """Withdraw money, at most what the account holds."""
    return await _book(Withdraw, request, services, account_id, idempotency_key)


@get("/accounts", responses=problems(400, 422, 503))
async def list_accounts(
    services: Services,
    balance_below: Annotated[
        str | None, Parameter(description="A decimal string: only accounts below this balance, lowest first")
    ] = None,
    currency: Annotated[str | None, Parameter(max_length=3)] = None,
    q: Annotated[str, Parameter(max_length=64, description="Text that the account's id contains")] = "",
    after: Annotated[
        str | None, Parameter(max_length=100, description="The `after` of the previous page")
    ] = None,
    limit: Limit = PAGE_ROWS,
) -> AccountsAnswer:
    """Accounts, most recently changed first."""
    fields = Fields({"balance_below": balance_below, "currency": currency})
    code = fields.read("currency", currency_code, None) or (services.currency if balance_below else None)
    below = fields.read("balance_below", lambda text: parse_amount(text, code or services.currency), None)
    fields.check()
    page = await list_of(services, balance_below=below, currency=code, q=q, after=after, limit=limit)
    return AccountsAnswer(accounts=[ListedAccountAnswer.of(row) for row in page.accounts], after=page.after)


@get("/accounts/{account_id:str}", responses=problems(400, 404, 409, 422, 503))
async def read_account(
    services: Services,
    account_id: str,
    min_position: MinPosition = None,
) -> AccountAnswer:
    """An account as the read models have it; `settling` if they have not reached `min_position`."""
    parse_account_id(account_id)
    settled = min_position is None or await status.wait_for(
        services.redis, min_position, WAIT_SECONDS, (balances.MODEL,)
    )
    row = await balances.account(services.redis, account_id)
    if row is None and min_position is not None and not settled:
        raise Settling(messages.position_not_reached(min_position))
    if row is None:
        raise await _not_found(services, account_id)
    listed = msgspec.structs.asdict(ListedAccountAnswer.of(row))
    return AccountAnswer(**listed, settling=not settled)


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
    return HistoryAnswer(
        account_id=account_id, entries=[EntryAnswer.of(entry) for entry in entries], before=further
    )


async def _book(
    kind: type[commands.Entry],
    request: AnyRequest,
    services: Services,
    account_id: str,
    idempotency_key: str | None,
) -> Response[BookedAnswer]:
    key = command_id(idempotency_key)
    account = parse_account_id(account_id)
    command = commands.entry(services, kind, await bodies.read(request, ENTRY), key, account)
    return _booked(await commands.handle(services, command, "api"), key)


def _booked(receipt: Receipt, key: UUID) -> Response[BookedAnswer]:
    headers = {"Idempotency-Key": str(key), "Location": f"/api/accounts/{receipt.account_id}"}
    if receipt.repeated:
        headers["Idempotent-Replayed"] = "true"
    return Response(BookedAnswer.of(receipt), status_code=201, headers=headers)


async def _not_found(services: Services, account_id: str) -> UnknownAccount | StreamStopped:
    if stopped := await balances.stopped(services.redis, account_id):
        return StreamStopped(stopped.stream, stopped.revision, stopped.reason)
    return UnknownAccount(messages.no_account(account_id))
