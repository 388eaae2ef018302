"""One effect per command id: whether a command was decided before, and whether its id was used for something else."""

from typing import assert_never

from domain import messages
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
from domain.accounts.events import (
    AccountClosed,
    AccountEvent,
    AccountFrozen,
    AccountUnfrozen,
    EntryReversed,
    HoldCaptured,
    HoldExpired,
    HoldPlaced,
    HoldReleased,
    Leg,
    MoneyDeposited,
    MoneyWithdrawn,
    OverdraftLimitChanged,
    TransferDeclined,
    change,
)
from domain.accounts.states import Existing
from domain.errors import CommandReused, CommandTooOld
from domain.money import Amount, minor_units


def was_decided(command: AccountCommand, state: Existing) -> bool:
    """Raises CommandReused, CommandTooOld."""
    before = state.effects.recent.get(command.effect_id)
    if before is None:
        _check_new(command, state)
        return False
    if not _led_to(command, before):
        raise reused(command)
    return True


def reused(command: AccountCommand) -> CommandReused:
    return CommandReused(messages.command_reused(str(command.command_id), command.account_id))


def _check_new(command: AccountCommand, state: Existing) -> None:
    if command.effect_id in state.effects.older:
        raise CommandTooOld(messages.command_too_old(str(command.command_id), command.account_id))
    if state.opened_by == command.effect_id:
        raise reused(command)


def _led_to(command: AccountCommand, event: AccountEvent) -> bool:
    """Whether `event`, of a command with this id, is what `command` asks for."""
    match command:
        case CreateAccount():
            return False
        case Deposit() | Withdraw() | RecordEntry():
            return _is_entry(command, event)
        case ReverseEntry():
            return type(event) is EntryReversed and event.reverses == command.entry_id
        case FreezeAccount():
            return type(event) is AccountFrozen
        case UnfreezeAccount():
            return type(event) is AccountUnfrozen
        case CloseAccount():
            return type(event) is AccountClosed
        case SetOverdraftLimit():
            return type(event) is OverdraftLimitChanged and _same(command.limit, event.limit, event.currency)
        case PlaceHold() | CaptureHold() | ReleaseHold() | ExpireHold():
            return _is_of_hold(command, event)
        case SendMoney() | ReceiveMoney() | ReturnMoney():
            return isinstance(event, Leg | TransferDeclined) and event.transfer_id == command.transfer_id
        case _:
            assert_never(command)


def _is_entry(command: Deposit | Withdraw | RecordEntry, event: AccountEvent) -> bool:
    if not isinstance(event, MoneyDeposited | MoneyWithdrawn):
        return False
    currency = command.currency or event.currency
    asked = (signed_amount(command, currency), currency, command.note, command.reference)
    booked = (change(event), event.currency, event.note, event.reference)
    return asked == booked and command.value_date in (None, event.value_date)


def signed_amount(command: Deposit | Withdraw | RecordEntry, currency: str) -> int:
    """What it adds to the balance, in minor units of `currency`. Raises InvalidAmount."""
    match command:
        case Deposit():
            return minor_units(command.amount, currency)
        case Withdraw():
            return -minor_units(command.amount, currency)
        case RecordEntry():
            return command.amount
        case _:
            assert_never(command)


def _is_of_hold(command: PlaceHold | CaptureHold | ReleaseHold | ExpireHold, event: AccountEvent) -> bool:
    match command:
        case PlaceHold():
            return (
                type(event) is HoldPlaced
                and event.expires == command.expires
                and _same(command.amount, event.amount, event.currency)
            )
        case CaptureHold():
            return (
                type(event) is HoldCaptured
                and event.hold_id == command.hold_id
                and _is_part(command.amount, event)
            )
        case ReleaseHold():
            return type(event) is HoldReleased and event.hold_id == command.hold_id
        case ExpireHold():
            return type(event) is HoldExpired and event.hold_id == command.hold_id
        case _:
            assert_never(command)


def _is_part(amount: Amount | None, event: HoldCaptured) -> bool:
    if amount is None:
        return event.amount == event.hold_amount
    return _same(amount, event.amount, event.currency)


def _same(amount: Amount, minor: int, currency: str) -> bool:
    return minor_units(amount, currency) == minor
