"""Transfers in the JSON API.

fields of the body -> order -> decide and append -> answer. Nothing is decided here.
"""

from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.params import Parameter, QueryParameter

from commands.transfers import TransferReceipt
from domain.identifiers import parse_account_id
from domain.transfers import UnknownTransfer
from domain.transfers.messages import unknown_transfer
from projections.readmodels import transfers
from web import messages_on_transfers
from web.http import bodies
from web.http.answers import AnyRequest, Receipted
from web.http.bodies import problems, trying
from web.http.codes import FieldCode
from web.http.commanding import TAKES, asked, commanding
from web.http.inputs import BadInput, BadText, FieldError, Fields, id_in_address
from web.http.parameters import Limit, MinPosition
from web.http.rendering import PAGE_ROWS
from web.services import Services
from web.transfers.answers import (
    REQUESTED_EXAMPLE,
    TRIED_EXAMPLE,
    ListedTransferAnswer,
    RequestedAnswer,
    TransferAnswer,
    TransfersAnswer,
)
from web.transfers.orders import ORDER, order_of
from web.transfers.recorded import recorded


@post(
    "/transfers",
    status_code=202,
    operation_class=commanding(ORDER, {202: REQUESTED_EXAMPLE, 200: TRIED_EXAMPLE}),
    opt=TAKES,
    responses=trying(RequestedAnswer) | problems(400, 403, 404, 409, 412, 413, 415, 422, 502, 503),
)
async def request_transfer(request: AnyRequest, services: Services) -> Response[RequestedAnswer]:
    """Request a transfer to another account of the same currency. Whether the account that pays can pay is checked now
    and again when it is debited, for which If-Match counts too. What the receiving account does not take goes back.
    """
    key, terms = asked(request)
    order = order_of(await bodies.read(request, ORDER), services.today())
    receipt = await services.transfers.request(order, services.context(key.id, "api"), terms)
    return answer_to(receipt, key.text, dry_run=terms.dry_run)


def answer_to(receipt: TransferReceipt, key: str, *, dry_run: bool) -> Response[RequestedAnswer]:
    answer, address = RequestedAnswer.of(receipt, dry_run=dry_run), f"/api/transfers/{receipt.transfer_id}"
    return Receipted(answer, 200 if dry_run else 202, key, address, repeated=receipt.repeated)


@get("/transfers/{transfer_id:str}", responses=problems(400, 404, 422, 503))
async def read_transfer(
    services: Services, transfer_id: str, min_position: MinPosition = None
) -> TransferAnswer:
    """A transfer as the read models have it; `settling` if they have not reached `min_position`, or do not have it yet:
    then as the log has it.
    """
    wanted = id_in_address("transfer_id", transfer_id)
    settled = await services.positions.reached(min_position, "min_position", transfers.MODEL)
    row = await transfers.transfer(services.redis, wanted)
    if row is not None:
        return _answer(ListedTransferAnswer.of_row(row), settling=not settled)
    listed = await recorded(services.store, services.transfers, wanted)
    if listed is None:
        raise UnknownTransfer(unknown_transfer(str(wanted)))
    return _answer(listed, settling=True)


def _answer(listed: ListedTransferAnswer, *, settling: bool) -> TransferAnswer:
    return TransferAnswer(**msgspec.structs.asdict(listed), settling=settling)


@get("/transfers", responses=problems(400, 422, 503))
async def list_transfers(
    services: Services,
    in_state: Annotated[
        str | None,
        QueryParameter(name="state", max_length=20, description="Only transfers that are in this state now"),
    ] = None,
    account: Annotated[
        str | None, Parameter(max_length=64, description="Only transfers from or to the account with this id")
    ] = None,
    after: Annotated[
        str | None, Parameter(max_length=100, description="The `after` of the previous page")
    ] = None,
    limit: Limit = PAGE_ROWS,
) -> TransfersAnswer:
    """Transfers, those that were requested last first; with only a state in which a transfer has ended, those that
    ended last first.
    """
    fields = Fields({"state": in_state, "account": account})
    wanted = {
        "state": fields.read("state", known_state, None),
        "account": fields.read("account", parse_account_id, None),
    }
    fields.check()
    try:
        page = await transfers.transfers(services.redis, **wanted, after=after, limit=limit)
    except ValueError as error:
        raise BadInput((FieldError("after", FieldCode.NOT_FROM_A_PAGE, str(error)),)) from error
    return TransfersAnswer(
        transfers=[ListedTransferAnswer.of_row(row) for row in page.transfers], after=page.after
    )


def known_state(text: str) -> str:
    """Raises BadText."""
    if text not in transfers.STATES:
        raise BadText(FieldCode.NOT_AN_OPTION, messages_on_transfers.not_a_state(", ".join(transfers.STATES)))
    return text
