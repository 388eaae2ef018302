"""The process manager: what an account is asked for next, in each state of a transfer. Pure, as a decision is.

    state -> next_step -> the account's answer -> RecordAnswer -> state ...

The id of each step's command is made from the transfer's id and the step, so that an account is asked once, however
often it is asked.
"""

from typing import Any, assert_never
from uuid import uuid5

from domain.accounts import ReceiveMoney, ReturnMoney, SendMoney
from domain.identifiers import AccountId
from domain.transfers.commands import Step
from domain.transfers.states import (
    Completed,
    Credited,
    Debited,
    Declined,
    Existing,
    Refunded,
    Refused,
    Requested,
    Transfer,
    Unrequested,
)

AccountStep = SendMoney | ReceiveMoney | ReturnMoney


def next_step(transfer: Transfer) -> AccountStep | None:
    """None: nothing is to be done."""
    match transfer:
        case Requested():
            return SendMoney(**_between(transfer, "debit", transfer.standing.from_account))
        case Debited():
            return ReceiveMoney(**_between(transfer, "credit", transfer.standing.to_account))
        case Declined():
            return ReturnMoney(**_between(transfer, "refund", transfer.standing.from_account))
        case Unrequested() | Credited() | Completed() | Refused() | Refunded():
            return None
        case _:
            assert_never(transfer)


def _between(transfer: Existing, step: Step, account_id: AccountId) -> dict[str, Any]:
    standing = transfer.standing
    both = (standing.from_account, standing.to_account)
    return {
        "account_id": account_id,
        "command_id": uuid5(transfer.transfer_id, step),
        "transfer_id": transfer.transfer_id,
        "other": both[1] if account_id == both[0] else both[0],
        "amount": standing.amount,
        "currency": standing.currency,
        "value_date": standing.value_date,
        "note": standing.note,
        "reference": standing.reference,
    }
