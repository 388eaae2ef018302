"""decide(command, state): one function for each command."""

from typing import assert_never

from domain import messages
from domain.accounts import entries, holds, legs, lifecycle
from domain.accounts.commands import (
    AccountCommand,
    CaptureHold,
    CloseAccount,
    CreateAccount,
    Deposit,
    ExpireHold,
    FreezeAccount,
    PlaceHold,
    ReceiveMoney,
    RecordEntry,
    ReleaseHold,
    ReturnMoney,
    ReverseEntry,
    SendMoney,
    SetOverdraftLimit,
    UnfreezeAccount,
    Withdraw,
)
from domain.accounts.errors import AccountAlreadyExists
from domain.accounts.events import AccountCreated, AccountEvent
from domain.accounts.once import reused
from domain.accounts.states import Account, Unopened
from domain.money import check_in_use, exponent


def decide(command: AccountCommand, state: Account) -> tuple[AccountEvent, ...]:
    """The command's events, none if it was booked before. Raises a DomainError if a rule refuses the command."""
    match command:
        case Deposit():
            return entries.deposit(command, state)
        case Withdraw():
            return entries.withdraw(command, state)
        case RecordEntry():
            return entries.record(command, state)
        case ReverseEntry():
            return entries.reverse(command, state)
        case CreateAccount():
            return _create(command, state)
        case PlaceHold():
            return holds.place(command, state)
        case CaptureHold():
            return holds.capture(command, state)
        case ReleaseHold():
            return holds.release(command, state)
        case ExpireHold():
            return holds.expire(command, state)
        case FreezeAccount():
            return lifecycle.freeze(command, state)
        case UnfreezeAccount():
            return lifecycle.unfreeze(command, state)
        case CloseAccount():
            return lifecycle.close(command, state)
        case SetOverdraftLimit():
            return lifecycle.set_overdraft_limit(command, state)
        case SendMoney():
            return legs.send(command, state)
        case ReceiveMoney():
            return legs.receive(command, state)
        case ReturnMoney():
            return legs.take_back(command, state)
        case _:
            assert_never(command)


def _create(command: CreateAccount, state: Account) -> tuple[AccountEvent, ...]:
    exponent(command.currency)
    if isinstance(state, Unopened):
        check_in_use(command.currency)
        opened = AccountCreated(
            account_id=command.account_id,
            currency=command.currency,
            holder=command.holder,
            opened_by=command.effect_id,
        )
        return (opened,)
    if state.opened_by != command.effect_id:
        raise AccountAlreadyExists(messages.account_already_exists(command.account_id))
    by_an_entry = command.effect_id in state.effects
    standing = state.standing
    if by_an_entry or (standing.currency, standing.holder) != (command.currency, command.holder):
        raise reused(command)
    return ()
