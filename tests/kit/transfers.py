"""Short forms for transfers from account "a" to account "b" in CZK. Ids are numbered as in tests.kit.accounts.

`TRANSFER` is the transfer of command 1. What accounts are asked and answer is about 100 minor units, unless said
otherwise.
"""

from typing import Any, Final
from uuid import UUID, uuid5

import msgspec

from domain.accounts import (
    Decline,
    MoneyReceived,
    MoneyReturned,
    MoneySent,
    ReceiveMoney,
    ReturnMoney,
    SendMoney,
    TransferDeclined,
)
from domain.decider import fold
from domain.identifiers import AccountId
from domain.money import Amount
from domain.transfers import (
    TRANSFERS,
    AccountStep,
    Answer,
    CreditDeclined,
    RecordAnswer,
    RequestTransfer,
    Step,
    TransferCompleted,
    TransferCredited,
    TransferDebited,
    TransferEvent,
    TransferRefunded,
    TransferRefused,
    TransferRequested,
    next_step,
    transfer_id_of,
)
from tests.kit.accounts import DAY, an_id
from tests.kit.spec import rules

TRANSFER: Final = transfer_id_of(an_id(1))
given: Final = rules(TRANSFERS)


def request(number: int = 1, *, transfer: UUID | None = None, **changes: Any) -> RequestTransfer:
    asked = RequestTransfer(
        transfer_id=transfer_id_of(an_id(number)) if transfer is None else transfer,
        command_id=an_id(number),
        from_account=AccountId("a"),
        to_account=AccountId("b"),
        amount=Amount(100, 2),
        currency="CZK",
        booked_on=DAY,
    )
    return msgspec.structs.replace(asked, **changes)


def requested(number: int = 1, **changes: Any) -> TransferRequested:
    (event,) = TRANSFERS.decide(request(number, **changes), TRANSFERS.initial)
    assert isinstance(event, TransferRequested)
    return event


def record(answer: Answer, transfer: UUID = TRANSFER) -> RecordAnswer:
    return RecordAnswer(transfer_id=transfer, command_id=an_id(99), answer=answer)


def debited() -> TransferDebited:
    return TransferDebited(transfer_id=TRANSFER, entry_id=leg_id("debit", "a"))


def credited() -> tuple[TransferCredited, TransferCompleted]:
    return (
        TransferCredited(transfer_id=TRANSFER, entry_id=leg_id("credit", "b")),
        TransferCompleted(transfer_id=TRANSFER),
    )


def refused(reason: Decline = "insufficient-funds") -> TransferRefused:
    return TransferRefused(transfer_id=TRANSFER, reason=reason)


def credit_declined(reason: Decline = "account-frozen") -> CreditDeclined:
    return CreditDeclined(transfer_id=TRANSFER, reason=reason)


def refunded() -> TransferRefunded:
    return TransferRefunded(transfer_id=TRANSFER, entry_id=leg_id("refund", "a"))


def leg_id(step: Step, account: str, transfer: UUID = TRANSFER) -> UUID:
    """The id of an account's answer."""
    return uuid5(uuid5(transfer, step), f"transfer {account}")


def send(amount: int = 100, *, declined: Decline | None = None, **changes: Any) -> SendMoney:
    return SendMoney(**_asked("debit", "a", "b", amount, changes), declined=declined)


def receive(amount: int = 100, **changes: Any) -> ReceiveMoney:
    return ReceiveMoney(**_asked("credit", "b", "a", amount, changes))


def take_back(amount: int = 100, **changes: Any) -> ReturnMoney:
    return ReturnMoney(**_asked("refund", "a", "b", amount, changes))


def sent(amount: int = 100, *, balance: int = 0) -> MoneySent:
    return MoneySent(**_booked("debit", "a", "b", amount, balance))


def received(amount: int = 100, *, balance: int = 100) -> MoneyReceived:
    return MoneyReceived(**_booked("credit", "b", "a", amount, balance))


def returned(amount: int = 100, *, balance: int = 100) -> MoneyReturned:
    return MoneyReturned(**_booked("refund", "a", "b", amount, balance))


def declined_out(
    reason: Decline = "insufficient-funds", *, amount: int = 100, balance: int = 0
) -> TransferDeclined:
    return TransferDeclined(
        **_stated("debit", "a", "b", balance),
        direction="out",
        amount=amount,
        amount_currency="CZK",
        reason=reason,
    )


def declined_in(
    reason: Decline = "account-frozen", *, amount: int = 100, balance: int = 0, of: str = "CZK"
) -> TransferDeclined:
    return TransferDeclined(
        **_stated("credit", "b", "a", balance),
        direction="in",
        amount=amount,
        amount_currency=of,
        reason=reason,
    )


def asked_after(*events: TransferEvent) -> AccountStep | None:
    """What the process manager asks for next."""
    return next_step(fold(TRANSFERS, events))


def _asked(step: Step, account: str, other: str, amount: int, changes: dict[str, Any]) -> dict[str, Any]:
    asked = {
        "account_id": AccountId(account),
        "command_id": uuid5(TRANSFER, step),
        "transfer_id": TRANSFER,
        "other": AccountId(other),
        "amount": amount,
        "currency": "CZK",
        "value_date": DAY,
    }
    return asked | changes


def _booked(step: Step, account: str, other: str, amount: int, balance: int) -> dict[str, Any]:
    return {
        "account_id": AccountId(account),
        "currency": "CZK",
        "entry_id": leg_id(step, account),
        "amount": amount,
        "balance": balance,
        "value_date": DAY,
        "transfer_id": TRANSFER,
        "other": AccountId(other),
    }


def _stated(step: Step, account: str, other: str, balance: int) -> dict[str, Any]:
    return {
        "account_id": AccountId(account),
        "currency": "CZK",
        "effect_id": leg_id(step, account),
        "balance": balance,
        "transfer_id": TRANSFER,
        "other": AccountId(other),
    }
