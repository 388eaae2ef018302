"""From a transfer's event back to the command that it came from."""

from collections.abc import Sequence
from typing import Any, assert_never
from uuid import UUID, uuid5

from app.messages import transfers as messages
from app.specs import neutral
from app.specs.neutral import Made
from domain.accounts import MoneyReceived, MoneyReturned, MoneySent, TransferDeclined
from domain.decider import Event
from domain.errors import InvalidInput
from domain.identifiers import AccountId
from domain.money import Amount, exponent
from domain.transfers import (
    Answer,
    CreditDeclined,
    Existing,
    NoAccount,
    RecordAnswer,
    RequestTransfer,
    Transfer,
    TransferCommand,
    TransferCompleted,
    TransferCredited,
    TransferDebited,
    TransferEvent,
    TransferRefunded,
    TransferRefused,
    TransferRequested,
)
from domain.transfers.standing import Standing


def parse_id(text: str) -> UUID:
    """Raises InvalidInput."""
    try:
        return UUID(text)
    except ValueError:
        raise InvalidInput(messages.not_a_transfer_id(text)) from None


def commands_of(
    command_id: UUID, after: Sequence[TransferEvent], _before: Sequence[TransferEvent], state: Transfer
) -> tuple[TransferCommand, ...]:
    """As in app.specs.accounts."""
    event = after[0]
    if isinstance(event, TransferRequested):
        return (_request(command_id, event),)
    assert isinstance(state, Existing)
    return tuple(
        RecordAnswer(transfer_id=event.transfer_id, command_id=command_id, answer=answer)
        for answer in _answers(command_id, event, state.standing)
    )


def made_id(_event: Event, field: str, number: int) -> Made:
    """The transfer's own id is the first one of all. The effects of its steps have ids that are made from that."""
    own_id, an_id = neutral.command_id(1), neutral.command_id(number)
    if field == "requested_by":
        return Made(uuid5(an_id, str(own_id)), f"entry_id({number}, str(an_id(1)))")
    return Made(an_id, f"an_id({number})")


def _request(command_id: UUID, event: TransferRequested) -> RequestTransfer:
    return RequestTransfer(
        transfer_id=event.transfer_id,
        command_id=command_id,
        from_account=event.from_account,
        to_account=event.to_account,
        amount=Amount(event.amount, exponent(event.currency)),
        currency=event.currency,
        booked_on=event.value_date,
        note=event.note,
        reference=event.reference,
        only_at=event.only_at,
        reverses=event.reverses,
    )


def _answers(answer_id: UUID, event: TransferEvent, standing: Standing) -> tuple[Answer, ...]:
    """What the account can have answered. The balance is not known, nor the id of a no; neither matters here."""
    match event:
        case TransferDebited():
            return (MoneySent(**_leg(event.entry_id, event, standing, out=True)),)
        case TransferRefused():
            return NoAccount(step="debit"), _declined(answer_id, event, standing, out=True)
        case TransferCredited():
            return (MoneyReceived(**_leg(event.entry_id, event, standing, out=False)),)
        case CreditDeclined():
            return NoAccount(step="credit"), _declined(answer_id, event, standing, out=False)
        case TransferRefunded():
            return (MoneyReturned(**_leg(event.entry_id, event, standing, out=True)),)
        case TransferRequested() | TransferCompleted():
            return ()
        case _:
            assert_never(event)


def _leg(entry_id: UUID, event: TransferEvent, standing: Standing, *, out: bool) -> dict[str, Any]:
    account_id, other = _ends(standing, out=out)
    return {
        "account_id": account_id,
        "currency": standing.currency,
        "entry_id": entry_id,
        "amount": standing.amount,
        "balance": 0,
        "value_date": standing.value_date,
        "transfer_id": event.transfer_id,
        "other": other,
    }


def _declined(
    answer_id: UUID, event: TransferRefused | CreditDeclined, standing: Standing, *, out: bool
) -> TransferDeclined:
    account_id, other = _ends(standing, out=out)
    return TransferDeclined(
        account_id=account_id,
        currency=standing.currency,
        effect_id=answer_id,
        balance=0,
        transfer_id=event.transfer_id,
        other=other,
        direction="out" if out else "in",
        amount=standing.amount,
        amount_currency=standing.currency,
        reason=event.reason,
    )


def _ends(standing: Standing, *, out: bool) -> tuple[AccountId, AccountId]:
    """The account that answers, and the other one."""
    both = (standing.from_account, standing.to_account)
    return both if out else (both[1], both[0])
