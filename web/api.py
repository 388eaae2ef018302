"""The JSON API. Amounts are decimal strings; errors are problems; every POST takes an Idempotency-Key."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.params import HeaderParameter, Parameter

from commands.outcomes import Outcome
from domain.account import CATEGORY, CreateAccount, Deposit, Withdraw, stream_of
from domain.errors import UnknownAccount
from domain.money import format_amount, parse_amount
from projections import queries
from web import bodies
from web.answers import AnyRequest
from web.bodies import ACCOUNT, ENTRY, problems, taking
from web.inputs import (
    BadInput,
    FieldError,
    Fields,
    account_name,
    calendar_day,
    command_id,
    currency_code,
    new_account_id,
    one_line,
    positive_amount,
)
from web.problems import Settling
from web.services import Services
from web.shapes import Json, account_json, entry_json, event_json

AnyConnection = ASGIConnection[Any, Any, Any, Any]

WAIT_SECONDS: Final = 2.0
LONGEST_PAGE: Final = 500

_Key = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key", description="A UUID: the same for every try, and it is booked once"
    ),
]
_Limit = Annotated[int, Parameter(ge=1, le=LONGEST_PAGE)]
_Position = Annotated[int | None, Parameter(ge=0, le=2**63 - 1)]


@post("/accounts", operation_class=taking(ACCOUNT), responses=problems(400, 409, 415, 422, 503))
async def open_account(
    request: AnyRequest, services: Services, idempotency_key: _Key = None
) -> Response[Json]:
    """Open an account."""
    key = command_id(idempotency_key)
    fields = await bodies.read(request, ACCOUNT)
    command = CreateAccount(
        command_id=key,
        account_id=fields.read("account_id", account_name, new_account_id(key)),
        currency=fields.read("currency", currency_code, ""),
        user_id=fields.read("user_id", one_line, None),
    )
    fields.check()
    outcome = await services.ledger.transact(command, services.context(key, "api"))
    return _created(outcome, key)


@post(
    "/accounts/{account_id:str}/deposits",
    operation_class=taking(ENTRY),
    responses=problems(400, 409, 415, 422, 503),
)
async def deposit(
    request: AnyRequest, services: Services, account_id: str, idempotency_key: _Key = None
) -> Response[Json]:
    """Deposit money; an account that does not exist is opened by it. A key counts for one account."""
    return await _book(Deposit, request, services, account_id, idempotency_key)


@post(
    "/accounts/{account_id:str}/withdrawals",
    operation_class=taking(ENTRY),
    responses=problems(400, 404, 409, 415, 422, 503),
)
async def withdraw(
    request: AnyRequest, services: Services, account_id: str, idempotency_key: _Key = None
) -> Response[Json]:
    """Withdraw money, at most what the account holds."""
    return await _book(Withdraw, request, services, account_id, idempotency_key)


@get("/accounts", responses=problems(400, 422, 503))
async def list_accounts(
    services: Services,
    balance_below: Annotated[
        str | None, Parameter(description="A decimal string: lowest balances first")
    ] = None,
    currency: Annotated[str | None, Parameter(max_length=3)] = None,
    q: Annotated[str, Parameter(max_length=64, description="Text in the account's id")] = "",
    after: Annotated[
        str | None, Parameter(max_length=100, description="The `after` of the page before")
    ] = None,
    limit: _Limit = 50,
) -> Json:
    """Accounts, the last changed first."""
    fields = Fields({"balance_below": balance_below, "currency": currency})
    code = fields.read("currency", currency_code, None) or (services.currency if balance_below else None)
    below = fields.read("balance_below", lambda text: parse_amount(text, code or services.currency), None)
    fields.check()
    try:
        page = await queries.accounts(
            services.redis, balance_below=below, currency=code, q=q, after=after, limit=limit
        )
    except ValueError as error:
        raise BadInput((FieldError("after", "This is no `after` that a page gave."),)) from error
    return {"accounts": [account_json(row) for row in page.accounts], "after": page.after}


@get("/accounts/{account_id:str}", responses=problems(404, 422, 503))
async def read_account(
    services: Services,
    account_id: str,
    min_position: Annotated[
        int | None, Parameter(ge=0, description="Waits at most 2 s until the read models have passed it")
    ] = None,
) -> Json:
    """An account as the read models have it; `settling` where they have not passed `min_position`."""
    stream_of(account_id)
    settled = min_position is None or await queries.wait_for(services.redis, min_position, WAIT_SECONDS)
    row = await queries.account(services.redis, account_id)
    if row is None and not settled:
        raise Settling(f"The read models have not passed position {min_position} yet.")
    if row is None:
        raise UnknownAccount(f"There is no account {account_id}; a deposit opens it.")
    return account_json(row) | {"settling": not settled}


@get("/accounts/{account_id:str}/history", responses=problems(404, 422, 503))
async def read_history(
    services: Services, account_id: str, before: _Position = None, limit: _Limit = 50
) -> Json:
    """An account's entries, newest first, with the balance after each. `before` continues it."""
    stream_of(account_id)
    entries = await queries.history(services.redis, account_id, before=before, limit=limit)
    if not entries and await queries.account(services.redis, account_id) is None:
        raise UnknownAccount(f"There is no account {account_id}; a deposit opens it.")
    further = entries[-1].position if len(entries) == limit else None
    return {"account_id": account_id, "entries": [entry_json(entry) for entry in entries], "before": further}


@get("/events", responses=problems(400, 422, 503))
async def read_events(
    services: Services,
    stream: Annotated[
        str | None, Parameter(min_length=1, max_length=100, description="Such as account-576")
    ] = None,
    before: _Position = None,
    limit: _Limit = 50,
) -> Json:
    """The log itself, newest first. `before` continues it: a position, or in one stream a revision."""
    if stream is not None and not stream.startswith(f"{CATEGORY}-"):
        raise BadInput((FieldError("stream", f"Only streams of accounts are shown: {CATEGORY}-..."),))
    if stream is None:
        recorded = await services.store.read_all(prefixes=(f"{CATEGORY}-",), before=before, limit=limit)
        further = recorded[-1].position if len(recorded) == limit else None
    elif before == 0:
        recorded, further = [], None
    else:
        start = None if before is None else before - 1
        recorded = await services.store.read_stream(stream, start=start, limit=limit, backwards=True)
        further = recorded[-1].revision if len(recorded) == limit else None
    return {"events": [event_json(event) for event in recorded], "before": further or None}


@get("/projections", responses=problems(503))
async def read_projections(services: Services) -> Json:
    """Each read model's generation and position, and how the projector does."""
    found = await queries.status(services.redis)
    return {"position": await queries.position(services.redis), "projections": found}


async def _book(
    kind: type[Deposit] | type[Withdraw],
    request: AnyRequest,
    services: Services,
    account_id: str,
    idempotency_key: str | None,
) -> Response[Json]:
    key = command_id(idempotency_key)
    stream_of(account_id)
    fields = await bodies.read(request, ENTRY)
    known = await services.ledger.currency_of(account_id)
    currency = fields.read("currency", currency_code, known or services.currency)
    command = kind(
        command_id=key,
        account_id=account_id,
        currency=currency,
        amount=fields.read("amount", lambda text: positive_amount(text, currency), 1),
        booked_on=datetime.now(UTC).date(),
        value_date=fields.read("value_date", calendar_day, None),
        note=fields.read("note", one_line, ""),
    )
    fields.check()
    return _created(await services.ledger.transact(command, services.context(key, "api")), key)


def _created(outcome: Outcome, key: UUID) -> Response[Json]:
    answer: Json = {
        "account_id": outcome.account_id,
        "entry_id": outcome.entry_id,
        "revision": outcome.revision,
        "position": outcome.position,
        "balance": format_amount(outcome.balance, outcome.currency),
        "currency": outcome.currency,
    }
    headers = {"Idempotency-Key": str(key), "Location": f"/api/accounts/{outcome.account_id}"}
    if outcome.repeated:
        headers["Idempotent-Replayed"] = "true"
    return Response(answer, status_code=201, headers=headers)


def knows_its_parameters(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    """Guard: a query that asks for more than a route does is told so, not answered as if it had asked for less."""
    known = handler.parsed_fn_signature.parameters
    unknown = sorted(connection.query_params.keys() - known.keys())
    if unknown:
        raise BadInput(tuple(FieldError(name, "There is no such parameter here.") for name in unknown))


api: Final = Router(
    "/api",
    route_handlers=[
        open_account,
        deposit,
        withdraw,
        list_accounts,
        read_account,
        read_history,
        read_events,
        read_projections,
    ],
    guards=[knows_its_parameters],
    response_headers={"Cache-Control": "no-store"},
)
