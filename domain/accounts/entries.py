"""Decisions on entries: money in, money out, a line of a bank's statement, and the reversal of an entry."""

from domain import messages
from domain.accounts.checks import (
    check_available,
    check_not_closed,
    check_open,
    check_positive,
    check_range,
    existing,
)
from domain.accounts.commands import Deposit, EntryRequest, RecordEntry, ReverseEntry, Withdraw
from domain.accounts.errors import CurrencyMismatch, EntryAlreadyReversed, EntryOfTransfer, UnknownEntry
from domain.accounts.events import (
    AccountCreated,
    AccountEvent,
    Entry,
    EntryReversed,
    Leg,
    MoneyDeposited,
    MoneyWithdrawn,
    change,
)
from domain.accounts.once import signed_amount, was_decided
from domain.accounts.states import Account, Closed, Frozen, Open, Unopened
from domain.dates import check_value_date
from domain.errors import CommandTooOld, InvalidAmount
from domain.money import Amount, check_in_use, exponent, minor_units
from domain.notes import check_note, check_reference


def deposit(command: Deposit, state: Account) -> tuple[AccountEvent, ...]:
    check_positive(command.amount)
    _check_fields(command)
    if isinstance(state, Unopened):
        currency = command.currency or command.opens_in
        check_in_use(currency)
        return _opening_entry(command, signed_amount(command, currency), currency)
    if was_decided(command, state):
        return ()
    check_open(state, command.account_id)
    return (_entry(command, state),)


def withdraw(command: Withdraw, state: Account) -> tuple[AccountEvent, ...]:
    check_positive(command.amount)
    _check_fields(command)
    account = existing(state, command.account_id)
    if was_decided(command, account):
        return ()
    check_open(account, command.account_id)
    entry = _entry(command, account)
    check_available(account.standing, entry.amount, command.account_id)
    return (entry,)


def record(command: RecordEntry, state: Account) -> tuple[AccountEvent, ...]:
    """It may overdraw the account, and is booked on a frozen one too."""
    if command.amount == 0:
        raise InvalidAmount(messages.ENTRY_OF_ZERO)
    minor_units(Amount(command.amount, exponent(command.currency)), command.currency)
    _check_fields(command)
    if isinstance(state, Unopened):
        return _opening_entry(command, command.amount, command.currency)
    try:
        if was_decided(command, state):
            return ()
    except CommandTooOld:
        return ()
    check_not_closed(state, command.account_id)
    return (_entry(command, state),)


def reverse(command: ReverseEntry, state: Account) -> tuple[AccountEvent, ...]:
    account = existing(state, command.account_id)
    if was_decided(command, account):
        return ()
    if isinstance(command.entry, Leg):
        raise EntryOfTransfer(
            messages.entry_of_transfer(str(command.entry_id), str(command.entry.transfer_id)),
            command.entry.transfer_id,
        )
    check_open(account, command.account_id)
    if command.entry is None:
        raise UnknownEntry(messages.unknown_entry(str(command.entry_id), command.account_id))
    if command.entry_id in account.reversed:
        raise EntryAlreadyReversed(messages.entry_already_reversed(str(command.entry_id), command.account_id))
    return (_reversal(command, command.entry, account),)


def _reversal(command: ReverseEntry, entry: Entry, account: Open | Frozen | Closed) -> EntryReversed:
    standing, amount = account.standing, -change(entry)
    balance = standing.balance + amount
    check_range(balance, command.account_id, standing.currency)
    if amount < 0:
        check_available(standing, -amount, command.account_id)
    return EntryReversed(
        account_id=command.account_id,
        entry_id=command.effect_id,
        reverses=entry.entry_id,
        direction="in" if amount > 0 else "out",
        amount=abs(amount),
        currency=standing.currency,
        balance=balance,
        value_date=command.booked_on,
    )


def _opening_entry(command: Deposit | RecordEntry, amount: int, currency: str) -> tuple[AccountEvent, ...]:
    opening = AccountCreated(account_id=command.account_id, currency=currency, opened_by=command.effect_id)
    return opening, _booked(command, amount, currency, balance=amount)


def _entry(command: EntryRequest, account: Open | Frozen | Closed) -> MoneyDeposited | MoneyWithdrawn:
    own = account.standing.currency
    currency = command.currency or own
    amount = signed_amount(command, currency)
    if currency != own:
        raise CurrencyMismatch(messages.other_currency(command.account_id, own, currency))
    balance = account.standing.balance + amount
    check_range(balance, command.account_id, currency)
    return _booked(command, amount, currency, balance=balance)


def _booked(
    command: EntryRequest, amount: int, currency: str, *, balance: int
) -> MoneyDeposited | MoneyWithdrawn:
    """Its day is checked here: a command that was booked before is answered as then, whatever its day."""
    check_value_date(command.value_date, command.booked_on)
    kind = MoneyDeposited if amount > 0 else MoneyWithdrawn
    return kind(
        account_id=command.account_id,
        entry_id=command.effect_id,
        amount=abs(amount),
        currency=currency,
        balance=balance,
        value_date=command.value_date or command.booked_on,
        note=command.note,
        reference=command.reference,
    )


def _check_fields(command: EntryRequest) -> None:
    check_note(command.note)
    check_reference(command.reference)
