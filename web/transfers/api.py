"""Transfers in the JSON API.

fields of the body -> order -> decide and append -> answer. Nothing is decided here.
"""

from litestar import Response, post

from commands.transfers import TransferReceipt
from web.http import bodies
from web.http.answers import AnyRequest, receipt_headers
from web.http.bodies import problems, taking, trying
from web.http.conditions import terms_of
from web.http.inputs import command_id
from web.http.parameters import DryRun, IdempotencyKey, IfMatch
from web.services import Services
from web.transfers.answers import REQUESTED_EXAMPLE, TRIED_EXAMPLE, RequestedAnswer
from web.transfers.orders import ORDER, order_of


@post(
    "/transfers",
    status_code=202,
    operation_class=taking(ORDER, {202: REQUESTED_EXAMPLE, 200: TRIED_EXAMPLE}),
    responses=trying(RequestedAnswer) | problems(400, 403, 404, 409, 412, 413, 415, 422, 502, 503),
)
async def request_transfer(
    request: AnyRequest,
    services: Services,
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,  # described only: `terms_of` reads it
    dry_run: DryRun = None,
) -> Response[RequestedAnswer]:
    """Request a transfer to another account of the same currency. Whether the account that pays can pay is checked now
    and again when it is debited, for which If-Match counts too. What the receiving account does not take goes back.
    """
    key, terms = command_id(idempotency_key), terms_of(request.headers, dry_run)
    order = order_of(await bodies.read(request, ORDER), services.today())
    receipt = await services.transfers.request(order, services.context(key, "api"), terms)
    return answer_to(receipt, idempotency_key or str(key), dry_run=terms.dry_run)


def answer_to(receipt: TransferReceipt, key: str, *, dry_run: bool) -> Response[RequestedAnswer]:
    headers = receipt_headers(key, f"/api/transfers/{receipt.transfer_id}", repeated=receipt.repeated)
    answer = RequestedAnswer.of(receipt, dry_run=dry_run)
    return Response(answer, status_code=200 if dry_run else 202, headers=headers)
