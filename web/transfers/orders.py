"""From the fields of a form or a JSON body to what a transfer is to do."""

from datetime import date
from typing import Any, Final

from commands.transfers import Order
from web.accounts.identifiers import typed_account_id
from web.http.bodies import Body, Field
from web.http.inputs import Fields, one_line, positive_amount, reference_line

ORDER: Final[Body] = {
    "from": Field("the id of the account that pays", required=True, example="576"),
    "to": Field(
        "the id of the account that receives the money; it has to exist", required=True, example="577"
    ),
    "amount": Field(
        "a decimal string above zero, in the currency of the account that pays",
        required=True,
        example="250.00",
    ),
    "value_date": Field(
        "the day from which both entries count, from 1900-01-01 to a year ahead; today if it is missing",
        example="2026-11-24",
    ),
    "note": Field(
        "one line of at most 200 characters, without control and invisible ones, for both entries",
        example="rent for December",
    ),
    "reference": Field(
        "another system's name for the transfer, by which its entries are found: one line of at most 100 characters",
        example="INV-2026-118",
    ),
}


def order_of(fields: Fields, today: date) -> Order:
    """Raises BadInput with every field that is wrong. `today` is the value date if there is none.

    The fields that have to be there are asked for by the caller (`Fields.require`).
    """
    found: dict[str, Any] = {
        "from_account": fields.read("from", typed_account_id, None),
        "to_account": fields.read("to", typed_account_id, None),
        "amount": fields.read("amount", positive_amount, None),
        "booked_on": today,
        "value_date": fields.value_date(today),
        "note": fields.read("note", one_line, ""),
        "reference": fields.read("reference", reference_line, ""),
    }
    fields.check()
    return Order(**found)
