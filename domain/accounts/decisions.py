"""The decisions: one function for each command, after the one that dispatches."""

from typing import assert_never

from domain import messages
from domain.accounts.commands import (
    AccountCommand,
    CreateAccount,
    Deposit,
    EntryCommand,
    RecordEntry,
    Withdraw,
)
from domain.accounts.errors import (
    AccountAlreadyExists,
    BalanceOutOfRange,
    CurrencyMismatch,
    InsufficientFunds,
    UnknownAccount,
)
from domain.accounts.events import AccountCreated, AccountEvent, Entry, MoneyDeposited, MoneyWithdrawn, change
from domain.accounts.states import Account, Open, Unopened
from domain.errors import CommandReused, CommandTooOld, InvalidAmount
from domain.identifiers import UserId
from domain.money import LIMIT, Amount, exponent, format_amount, minor_units
from domain.notes import check_note


def decide(command: AccountCommand, state: Account) -> tuple[AccountEvent, ...]:
    """The command's events, none if it was booked before. Raises a DomainError if a rule refuses the command."""
    match command:
        case CreateAccount():
            return _create(command, state)
        case Deposit():
            return _deposit(command, state)
        case Withdraw():
            return _withdraw(command, state)
        case RecordEntry():
            return _record(command, state)
        case _:
            assert_never(command)


def _create(command: CreateAccount, state: Account) -> tuple[AccountEvent, ...]:
    exponent(command.currency)
    if isinstance(state, Unopened):
        return (_opening(command, command.currency, command.user_id),)
    if state.opened_by != command.effect_id:
        raise AccountAlreadyExists(messages.account_already_exists(command.account_id))
    by_an_entry = command.effect_id in state.effects
    if by_an_entry or (state.currency, state.user_id) != (command.currency, command.user_id):
        raise _reused(command)
    return ()


def _deposit(command: Deposit, state: Account) -> tuple[AccountEvent, ...]:
    _check_positive(command.amount)
    own = command.opens_in if isinstance(state, Unopened) else state.currency
    currency = command.currency or own
    return _book(command, state, minor_units(command.amount, currency), currency)


def _withdraw(command: Withdraw, state: Account) -> tuple[AccountEvent, ...]:
    _check_positive(command.amount)
    if isinstance(state, Unopened):
        raise UnknownAccount(messages.unknown_account(command.account_id))
    currency = command.currency or state.currency
    amount = minor_units(command.amount, currency)
    events = _book(command, state, -amount, currency)
    if events and state.balance < amount:
        held, asked = format_amount(state.balance, currency), format_amount(amount, currency)
        raise InsufficientFunds(messages.insufficient_funds(command.account_id, held, currency, asked))
    return events


def _record(command: RecordEntry, state: Account) -> tuple[AccountEvent, ...]:
    if command.amount == 0:
        raise InvalidAmount(messages.ENTRY_OF_ZERO)
    amount = minor_units(Amount(command.amount, exponent(command.currency)), command.currency)
    try:
        return _book(command, state, amount, command.currency)
    except CommandTooOld:
        return ()


def _book(command: EntryCommand, state: Account, amount: int, currency: str) -> tuple[AccountEvent, ...]:
    """The entry of `amount` (signed minor units of `currency`), after the account's opening if it is not open."""
    check_note(command.note)
    if isinstance(state, Unopened):
        return (_opening(command, currency), _entry(command, amount, currency, balance=amount))
    if _is_booked(command, state, amount, currency):
        return ()
    if currency != state.currency:
        raise CurrencyMismatch(messages.other_currency(command.account_id, state.currency, currency))
    balance = state.balance + amount
    if abs(balance) >= LIMIT:
        reached, limit = format_amount(balance, currency), format_amount(LIMIT, currency)
        raise BalanceOutOfRange(messages.balance_out_of_range(command.account_id, reached, currency, limit))
    return (_entry(command, amount, currency, balance=balance),)


def _is_booked(command: EntryCommand, state: Open, amount: int, currency: str) -> bool:
    """Raises CommandTooOld, CommandReused."""
    before = state.effects.recent.get(command.effect_id)
    if before is None:
        _check_new(command, state)
        return False
    same = (change(before), before.currency, before.note) == (amount, currency, command.note)
    if not same or command.value_date not in (None, before.value_date):
        raise _reused(command)
    return True


def _check_new(command: EntryCommand, state: Open) -> None:
    if state.effects.is_older(command.effect_id):
        raise CommandTooOld(messages.command_too_old(str(command.command_id), command.account_id))
    if state.opened_by == command.effect_id:
        raise _reused(command)


def _opening(
    command: CreateAccount | EntryCommand, currency: str, user_id: UserId | None = None
) -> AccountCreated:
    return AccountCreated(
        account_id=command.account_id, currency=currency, user_id=user_id, opened_by=command.effect_id
    )


def _entry(command: EntryCommand, amount: int, currency: str, *, balance: int) -> Entry:
    kind = MoneyDeposited if amount > 0 else MoneyWithdrawn
    return kind(
        account_id=command.account_id,
        entry_id=command.effect_id,
        amount=abs(amount),
        currency=currency,
        balance=balance,
        value_date=command.value_date or command.booked_on,
        note=command.note,
    )


def _check_positive(amount: Amount) -> None:
    if amount.units <= 0:
        raise InvalidAmount(messages.AMOUNT_NOT_ABOVE_ZERO)


def _reused(command: CreateAccount | EntryCommand) -> CommandReused:
    return CommandReused(messages.command_reused(str(command.command_id), command.account_id))
