"""The commands on accounts in the JSON API: a table of routes, and the one handler that they all have.

The reversal of an entry is in `web.transfers`, because it may be that of a transfer.

fields of the body -> command -> decide and append -> answer. Nothing is decided here.
"""

from typing import Final

import msgspec
from litestar import Response, post
from litestar.handlers import HTTPRouteHandler

from commands.accounts import Receipt
from web.accounts import commands
from web.accounts.answers import CAPTURE_EXAMPLE, ENTRY_EXAMPLE, HOLD_EXAMPLE, STANDING_EXAMPLE, BookedAnswer
from web.accounts.commands import Builder, Given
from web.http import bodies
from web.http.answers import AnyRequest, Receipted
from web.http.bodies import Body, Field, problems, trying
from web.http.commanding import TAKES, asked, commanding
from web.services import Services

ACCOUNT: Final[Body] = {
    "currency": Field("ISO 4217 code", required=True, example="CZK"),
    "account_id": Field("1 to 64 letters, digits, '.', '_' or '-'; chosen by the server if it is missing"),
    "user_id": Field("the id of the person who holds the account", example="jana"),
}
ENTRY: Final[Body] = {
    "amount": Field("a decimal string above zero; never a JSON number", required=True, example="1250.50"),
    "currency": Field(
        "the account's currency by default; the server's default currency if this deposit opens the account"
    ),
    "value_date": Field(
        "the day from which the entry counts, from 1900-01-01 to a year ahead; today if it is missing",
        example="2026-11-24",
    ),
    "note": Field(
        "one line of at most 200 characters, without control and invisible ones", example="cash at counter"
    ),
    "reference": Field(
        "another system's name for the entry, by which it is found: one line of at most 100 characters, as a "
        "note",
        example="INV-2026-118",
    ),
}
LIMIT: Final[Body] = {
    "limit": Field(
        "how far below zero the balance may go: a decimal string, zero or more", required=True, example="500"
    )
}
HOLD: Final[Body] = {
    "amount": Field("a decimal string above zero", required=True, example="99.90"),
    "expires": Field(
        "an RFC 3339 time, when the hold ends by itself; never if it is missing",
        example="2027-11-24T12:30:00Z",
    ),
}
CAPTURE: Final[Body] = {"amount": Field("a decimal string above zero; all of the hold if it is missing")}


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """A command under /api. `example` is an answer to it, without its place in the log."""

    path: str
    name: str
    does: str
    command: Builder
    body: Body = {}
    example: BookedAnswer


ONE: Final = "/accounts/{account_id:str}"
HOLD_PATH: Final = f"{ONE}/holds/{{hold_id:str}}"

ROUTES: Final = (
    Route(
        path="/accounts",
        name="open_account",
        does="Open an account.",
        command=commands.opening,
        body=ACCOUNT,
        example=STANDING_EXAMPLE,
    ),
    Route(
        path=f"{ONE}/deposits",
        name="deposit",
        does="Deposit money. This opens the account if it does not exist. An Idempotency-Key counts for one account.",
        command=commands.deposit,
        body=ENTRY,
        example=ENTRY_EXAMPLE,
    ),
    Route(
        path=f"{ONE}/withdrawals",
        name="withdraw",
        does="Withdraw money, at most what is available: balance - held + overdraft limit.",
        command=commands.withdrawal,
        body=ENTRY,
        example=ENTRY_EXAMPLE,
    ),
    Route(
        path=f"{ONE}/freeze",
        name="freeze_account",
        does="Refuse every entry and hold until the account is unfrozen.",
        command=commands.freezing,
        example=STANDING_EXAMPLE,
    ),
    Route(
        path=f"{ONE}/unfreeze",
        name="unfreeze_account",
        does="Take a frozen account into use again.",
        command=commands.unfreezing,
        example=STANDING_EXAMPLE,
    ),
    Route(
        path=f"{ONE}/close",
        name="close_account",
        does="Close an account for ever. Its balance has to be zero, and nothing may be held.",
        command=commands.closing,
        example=STANDING_EXAMPLE,
    ),
    Route(
        path=f"{ONE}/overdraft",
        name="set_overdraft_limit",
        does="Set how far below zero the balance may go.",
        command=commands.overdraft,
        body=LIMIT,
        example=STANDING_EXAMPLE,
    ),
    Route(
        path=f"{ONE}/holds",
        name="place_hold",
        does="Set an amount aside: it stays in the balance, but is no longer available.",
        command=commands.hold,
        body=HOLD,
        example=HOLD_EXAMPLE,
    ),
    Route(
        path=f"{HOLD_PATH}/capture",
        name="capture_hold",
        does="Pay out all or part of a hold. A part capture releases the rest.",
        command=commands.capture,
        body=CAPTURE,
        example=CAPTURE_EXAMPLE,
    ),
    Route(
        path=f"{HOLD_PATH}/release",
        name="release_hold",
        does="Give a hold up: its amount is available again.",
        command=commands.release,
        example=HOLD_EXAMPLE,
    ),
)


def handler(route: Route) -> HTTPRouteHandler:
    async def handle(request: AnyRequest, services: Services) -> Response[BookedAnswer]:
        key, terms = asked(request)
        fields = await bodies.read(request, route.body)
        given = Given(services=services, key=key.id, ids=request.path_params, fields=fields)
        receipt = await commands.handle(services, route.command(given), "api", terms)
        return answer_to(receipt, key.text, dry_run=terms.dry_run)

    answers = {
        201: msgspec.structs.replace(route.example, position=4711),
        200: msgspec.structs.replace(route.example, dry_run=True),
    }
    return post(
        route.path,
        operation_id=route.name,
        operation_class=commanding(route.body, answers),
        opt=TAKES,
        summary=route.name.replace("_", " ").capitalize(),
        description=route.does,
        responses=trying(BookedAnswer) | problems(400, 403, 404, 409, 412, 413, 415, 422, 502, 503),
    )(handle)


def answer_to(receipt: Receipt, key: str, *, dry_run: bool) -> Response[BookedAnswer]:
    answer, address = BookedAnswer.of(receipt, dry_run=dry_run), f"/api/accounts/{receipt.account_id}"
    return Receipted(answer, 200 if dry_run else 201, key, address, repeated=receipt.repeated)
