"""The reversal of an entry in the JSON API. An entry of a transfer is not undone alone: the whole transfer is."""

from typing import Any, Final

import msgspec
from litestar import Response, post
from litestar.openapi.datastructures import ResponseSpec

from commands.accounts import Receipt
from commands.transfers import TransferReceipt
from web.accounts import booking, commands
from web.accounts.answers import ENTRY_EXAMPLE, BookedAnswer
from web.accounts.commands import Given
from web.http import bodies
from web.http.answers import AnyRequest
from web.http.bodies import problems, trying
from web.http.commanding import TAKES, asked, commanding
from web.services import Services
from web.transfers import api
from web.transfers.answers import REQUESTED_EXAMPLE, RequestedAnswer

_EXAMPLES: Final = {
    201: msgspec.structs.replace(ENTRY_EXAMPLE, position=4711),
    202: REQUESTED_EXAMPLE,
    200: msgspec.structs.replace(ENTRY_EXAMPLE, dry_run=True),
}
_REQUESTED: Final = {
    202: ResponseSpec(
        data_container=RequestedAnswer,
        description="The entry belongs to a transfer, and the transfer that undoes it was requested",
        generate_examples=False,
    )
}


@post(
    "/accounts/{account_id:str}/entries/{entry_id:str}/reversal",
    operation_class=commanding({}, _EXAMPLES),
    opt=TAKES,
    responses=trying(BookedAnswer | RequestedAnswer)
    | _REQUESTED
    | problems(400, 403, 404, 409, 412, 413, 415, 422, 502, 503),
)
async def reverse_entry(request: AnyRequest, services: Services) -> Response[BookedAnswer]:
    """Undo an entry, once, by a new entry in the other direction. To redo it, reverse its reversal. An entry of a
    transfer is undone with the whole transfer, by another one, which is requested.
    """
    key, terms = asked(request)
    fields = await bodies.read(request, {})
    command = commands.reversal(Given(services=services, key=key.id, ids=request.path_params, fields=fields))
    receipt = await services.transfers.reverse_entry(command, services.context(key.id, "api"), terms)
    return _answer_to(receipt, key.text, dry_run=terms.dry_run)


def _answer_to(receipt: Receipt | TransferReceipt, key: str, *, dry_run: bool) -> Response[Any]:
    if isinstance(receipt, Receipt):
        return booking.answer_to(receipt, key, dry_run=dry_run)
    return api.answer_to(receipt, key, dry_run=dry_run)
