"""Decisions on transfers: an account's part in one, its leg. The account answers once, yes or no, in its own stream."""

from collections.abc import Mapping
from typing import Any, Final

from domain import messages
from domain.accounts.checks import check_available, check_open, check_range, existing
from domain.accounts.commands import LegCommand, ReceiveMoney, ReturnMoney, SendMoney, TransferCommand
from domain.accounts.errors import (
    AccountIsClosed,
    AccountIsFrozen,
    AccountRefused,
    BalanceOutOfRange,
    CurrencyMismatch,
    InsufficientFunds,
)
from domain.accounts.events import AccountEvent, MoneyReceived, MoneyReturned, MoneySent, TransferDeclined
from domain.accounts.fields import Decline
from domain.accounts.once import was_decided
from domain.accounts.states import Account, Closed, Frozen, Open
from domain.errors import CommandTooOld

REASONS: Final[Mapping[type[AccountRefused], Decline]] = {
    InsufficientFunds: "insufficient-funds",
    AccountIsFrozen: "account-frozen",
    AccountIsClosed: "account-closed",
    CurrencyMismatch: "currency-mismatch",
    BalanceOutOfRange: "balance-out-of-range",
}
"""The rules of an account that a transfer can be declined by."""
_REFUSALS: Final = tuple(REASONS)


def send(command: SendMoney, state: Account) -> tuple[AccountEvent, ...]:
    account = existing(state, command.account_id)
    if _was_answered(command, account):
        return ()
    if command.declined is not None:
        return (_declined(command, account, command.declined),)
    try:
        return (sent(command, account),)
    except _REFUSALS as refusal:
        return (_declined(command, account, REASONS[type(refusal)]),)


def receive(command: ReceiveMoney, state: Account) -> tuple[AccountEvent, ...]:
    account = existing(state, command.account_id)
    if _was_answered(command, account):
        return ()
    try:
        return (received(command, account),)
    except _REFUSALS as refusal:
        return (_declined(command, account, REASONS[type(refusal)]),)


def take_back(command: ReturnMoney, state: Account) -> tuple[AccountEvent, ...]:
    """Raises BalanceOutOfRange: the money stays on its way until there is room for it."""
    account = existing(state, command.account_id)
    if _was_answered(command, account):
        return ()
    return (MoneyReturned(**_entry(command, account, command.amount)),)


def sent(command: SendMoney, account: Open | Frozen | Closed) -> MoneySent:
    """Raises one of REASONS."""
    _check_takes_part(command, account)
    entry = MoneySent(**_entry(command, account, -command.amount))
    check_available(account.standing, command.amount, command.account_id)
    return entry


def received(command: ReceiveMoney, account: Open | Frozen | Closed) -> MoneyReceived:
    """Raises one of REASONS."""
    _check_takes_part(command, account)
    return MoneyReceived(**_entry(command, account, command.amount))


def _was_answered(command: TransferCommand, account: Open | Frozen | Closed) -> bool:
    """Also if it was long ago: the id of a leg is never used for anything else."""
    try:
        return was_decided(command, account)
    except CommandTooOld:
        return True


def _check_takes_part(command: LegCommand, account: Open | Frozen | Closed) -> None:
    check_open(account, command.account_id)
    own = account.standing.currency
    if command.currency != own:
        raise CurrencyMismatch(messages.other_currency(command.account_id, own, command.currency))


def _entry(command: LegCommand, account: Open | Frozen | Closed, added: int) -> dict[str, Any]:
    """The fields of a leg. Raises BalanceOutOfRange."""
    standing = account.standing
    balance = standing.balance + added
    check_range(balance, command.account_id, standing.currency)
    return {
        "account_id": command.account_id,
        "entry_id": command.effect_id,
        "amount": command.amount,
        "currency": standing.currency,
        "balance": balance,
        "value_date": command.value_date,
        "note": command.note,
        "reference": command.reference,
        "transfer_id": command.transfer_id,
        "other": command.other,
    }


def _declined(
    command: SendMoney | ReceiveMoney, account: Open | Frozen | Closed, reason: Decline
) -> TransferDeclined:
    return TransferDeclined(
        account_id=command.account_id,
        effect_id=command.effect_id,
        currency=account.standing.currency,
        balance=account.standing.balance,
        transfer_id=command.transfer_id,
        other=command.other,
        direction="out" if isinstance(command, SendMoney) else "in",
        amount=command.amount,
        amount_currency=command.currency,
        reason=reason,
    )
