"""The decisions: one function for each command, after the one that dispatches."""

from typing import assert_never

from domain.accounts import MoneyReceived, MoneyReturned, MoneySent, TransferDeclined
from domain.accounts.checks import check_positive
from domain.dates import check_value_date
from domain.errors import CommandReused, SameAccount
from domain.money import minor_units
from domain.notes import check_note, check_reference
from domain.transfers import messages
from domain.transfers.commands import (
    Answer,
    NoAccount,
    RecordAnswer,
    RequestTransfer,
    Step,
    TransferCommand,
    step_of,
)
from domain.transfers.errors import AnswerOutOfOrder, TransferExists, UnknownTransfer
from domain.transfers.events import (
    CreditDeclined,
    TransferCompleted,
    TransferCredited,
    TransferDebited,
    TransferEvent,
    TransferRefunded,
    TransferRefused,
    TransferRequested,
)
from domain.transfers.standing import Standing
from domain.transfers.states import (
    Completed,
    Credited,
    Debited,
    Declined,
    Refunded,
    Refused,
    Requested,
    Transfer,
    Unrequested,
)


def decide(command: TransferCommand, state: Transfer) -> tuple[TransferEvent, ...]:
    """The command's events, none if it was decided before. Raises a DomainError if a rule refuses the command."""
    match command:
        case RequestTransfer():
            return _request(command, state)
        case RecordAnswer():
            return _record(command, state)
        case _:
            assert_never(command)


def _request(command: RequestTransfer, state: Transfer) -> tuple[TransferEvent, ...]:
    requested = _requested(command)
    if isinstance(state, Unrequested):
        check_value_date(command.value_date, command.booked_on)
        return (requested,)
    if state.standing.requested_by != command.effect_id:
        raise TransferExists(messages.transfer_exists(str(command.transfer_id)))
    if not _is_same(command, requested, state.standing):
        raise CommandReused(messages.command_reused(str(command.command_id)))
    return ()


def _requested(command: RequestTransfer) -> TransferRequested:
    """Raises InvalidInput."""
    if command.from_account == command.to_account:
        raise SameAccount(messages.same_account(command.from_account))
    check_positive(command.amount)
    check_note(command.note)
    check_reference(command.reference)
    return TransferRequested(
        transfer_id=command.transfer_id,
        from_account=command.from_account,
        to_account=command.to_account,
        amount=minor_units(command.amount, command.currency),
        currency=command.currency,
        value_date=command.value_date or command.booked_on,
        note=command.note,
        reference=command.reference,
        requested_by=command.effect_id,
        only_at=command.only_at,
        reverses=command.reverses,
    )


def _is_same(command: RequestTransfer, asked: TransferRequested, standing: Standing) -> bool:
    """Whether this was asked for before. A retry on a later day has another day by default."""
    fields = ("from_account", "to_account", "amount", "currency", "note", "reference", "reverses")
    same_day = command.value_date in (None, standing.value_date)
    return same_day and all(getattr(asked, field) == getattr(standing, field) for field in fields)


def _record(command: RecordAnswer, state: Transfer) -> tuple[TransferEvent, ...]:
    if isinstance(state, Unrequested):
        raise UnknownTransfer(messages.unknown_transfer(str(command.transfer_id)))
    step = step_of(command.answer)
    if _was_recorded(command.answer, state.standing):
        return ()
    if _awaited(state) != step:
        raise AnswerOutOfOrder(
            messages.answer_out_of_order(str(command.transfer_id), step, state.standing.state)
        )
    return _after(command, command.answer)


def _was_recorded(answer: Answer, standing: Standing) -> bool:
    """This answer, and no other one to the same question."""
    match answer:
        case MoneySent():
            return standing.debit == answer.entry_id
        case MoneyReceived():
            return standing.credit == answer.entry_id
        case MoneyReturned():
            return standing.refund == answer.entry_id
        case TransferDeclined() | NoAccount():
            was_refused = standing.debit is None
            return standing.reason is not None and was_refused == (step_of(answer) == "debit")
        case _:
            assert_never(answer)


def _awaited(state: Transfer) -> Step | None:
    """The step that an account was asked for, and has not answered yet."""
    match state:
        case Requested():
            return "debit"
        case Debited():
            return "credit"
        case Declined():
            return "refund"
        case Unrequested() | Credited() | Completed() | Refused() | Refunded():
            return None
        case _:
            assert_never(state)


def _after(command: RecordAnswer, answer: Answer) -> tuple[TransferEvent, ...]:
    transfer_id = command.transfer_id
    match answer:
        case MoneySent():
            return (TransferDebited(transfer_id=transfer_id, entry_id=answer.entry_id),)
        case MoneyReceived():
            credited = TransferCredited(transfer_id=transfer_id, entry_id=answer.entry_id)
            return credited, TransferCompleted(transfer_id=transfer_id)
        case MoneyReturned():
            return (TransferRefunded(transfer_id=transfer_id, entry_id=answer.entry_id),)
        case TransferDeclined(direction="out"):
            return (TransferRefused(transfer_id=transfer_id, reason=answer.reason),)
        case TransferDeclined():
            return (CreditDeclined(transfer_id=transfer_id, reason=answer.reason),)
        case NoAccount(step="debit"):
            return (TransferRefused(transfer_id=transfer_id, reason="unknown-account"),)
        case NoAccount():
            return (CreditDeclined(transfer_id=transfer_id, reason="unknown-account"),)
        case _:
            assert_never(answer)
