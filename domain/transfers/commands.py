"""What is asked of a transfer: that it begins, and that an account's answer is recorded."""

from datetime import date
from typing import Literal, assert_never, final
from uuid import UUID, uuid5

import msgspec

from domain.accounts import MoneyReceived, MoneyReturned, MoneySent, TransferDeclined
from domain.identifiers import AccountId
from domain.money import Amount

Step = Literal["debit", "credit", "refund"]
"""What an account is asked for."""


@final
class NoAccount(msgspec.Struct, frozen=True, kw_only=True):
    """The account does not exist, so it cannot answer. `step` was asked for."""

    step: Literal["debit", "credit"]


Answer = MoneySent | MoneyReceived | MoneyReturned | TransferDeclined | NoAccount
"""What an account says when it is asked for a step: what its stream holds."""


def step_of(answer: Answer) -> Step:
    match answer:
        case MoneySent():
            return "debit"
        case MoneyReceived():
            return "credit"
        case MoneyReturned():
            return "refund"
        case TransferDeclined():
            return "debit" if answer.direction == "out" else "credit"
        case NoAccount():
            return answer.step
        case _:
            assert_never(answer)


class _TransferCommand(msgspec.Struct, frozen=True, kw_only=True):
    transfer_id: UUID
    command_id: UUID

    @property
    def aggregate_id(self) -> str:
        return str(self.transfer_id)


@final
class RequestTransfer(_TransferCommand, frozen=True, kw_only=True):
    """`currency` is that of the account that pays; `booked_on` is the day of the command.

    `only_at`: the account is debited only at this revision of its stream. `reverses` is a transfer to undo.
    """

    from_account: AccountId
    to_account: AccountId
    amount: Amount
    currency: str
    booked_on: date
    value_date: date | None = None
    note: str = ""
    reference: str = ""
    only_at: int | None = None
    reverses: UUID | None = None

    @property
    def effect_id(self) -> UUID:
        return uuid5(self.command_id, str(self.transfer_id))


@final
class RecordAnswer(_TransferCommand, frozen=True, kw_only=True):
    answer: Answer

    @property
    def effect_id(self) -> UUID:
        return uuid5(self.transfer_id, step_of(self.answer))


TransferCommand = RequestTransfer | RecordAnswer


def transfer_id_of(command_id: UUID) -> UUID:
    """The id of the transfer that is requested by this command."""
    return uuid5(command_id, "transfer")
