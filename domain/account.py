"""An account. Read top-down: stream, commands, states, decisions, evolution.

    decide(command, state) -> events        evolve(state, event) -> state        initial = Unopened()

Deciding a command again, on any later state, yields no events or a refusal: an id is booked once.
"""

import re
import unicodedata
from datetime import date
from typing import Final, assert_never
from uuid import UUID, uuid5

import msgspec

from domain.booked import Booked
from domain.errors import (
    AccountAlreadyExists,
    BalanceOutOfRange,
    CommandReused,
    CommandTooOld,
    CurrencyMismatch,
    DomainError,
    ImpossibleHistory,
    InsufficientFunds,
    InvalidAccountId,
    InvalidAmount,
    InvalidNote,
    InvalidUserId,
    UnknownAccount,
)
from domain.events import AccountCreated, AccountEvent, Entry, MoneyDeposited, MoneyWithdrawn
from domain.money import LIMIT, exponent, format_amount

CATEGORY: Final = "account"
NOTE_LENGTH: Final = 200
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_NO_NOTE: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
_ID_RULE: Final = "use 1 to 64 letters, digits, '.', '_' or '-', a letter or digit first."


def stream_of(account_id: str) -> str:
    """`account-{id}`. Raises InvalidAccountId."""
    if _ID.fullmatch(account_id) is None:
        raise InvalidAccountId(f"{account_id[:80]!r} is no account id; {_ID_RULE}")
    return f"{CATEGORY}-{account_id}"


# Commands. `booked_on` is the day of the command, the value date where none is given.


class _AccountCommand(msgspec.Struct, frozen=True, kw_only=True):
    account_id: str
    command_id: UUID

    @property
    def entry_id(self) -> UUID:
        """The id of this command's effect on this account; on another account it is another entry."""
        return uuid5(self.command_id, self.account_id)


class CreateAccount(_AccountCommand, frozen=True, kw_only=True):
    currency: str
    user_id: str | None = None


class _EntryCommand(_AccountCommand, frozen=True, kw_only=True):
    amount: int
    currency: str
    booked_on: date
    value_date: date | None = None
    note: str = ""


class Deposit(_EntryCommand, frozen=True, kw_only=True):
    """A deposit to an account that does not exist opens it."""


class Withdraw(_EntryCommand, frozen=True, kw_only=True):
    pass


class RecordEntry(_EntryCommand, frozen=True, kw_only=True):
    """An entry that already happened elsewhere, such as a line of a bank's statement; `amount` has a sign.

    It is a fact, so it is never refused for want of funds; it opens the account it names.
    """


AccountCommand = CreateAccount | Deposit | Withdraw | RecordEntry

# States.


class Unopened(msgspec.Struct, frozen=True):
    pass


class Open(msgspec.Struct, frozen=True, kw_only=True):
    account_id: str
    currency: str
    user_id: str | None
    opened_by: UUID
    balance: int = 0
    booked: Booked = Booked()


Account = Unopened | Open
initial: Final = Unopened()

# Decisions.


def decide(command: AccountCommand, state: Account) -> tuple[AccountEvent, ...]:
    """The events that follow, none where they are already true. Raises a DomainError where a rule refuses."""
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
    stream_of(command.account_id)
    exponent(command.currency)
    _check_user_id(command.user_id)
    if isinstance(state, Unopened):
        return (_opening(command, command.currency, command.user_id),)
    if state.opened_by != command.entry_id:
        raise AccountAlreadyExists(f"Account {command.account_id} already exists; choose another id.")
    by_an_entry = command.entry_id in state.booked
    if by_an_entry or (state.currency, state.user_id) != (command.currency, command.user_id):
        raise _reused(command)
    return ()


def _deposit(command: Deposit, state: Account) -> tuple[AccountEvent, ...]:
    _check_positive(command.amount)
    return _book(command, state, command.amount)


def _withdraw(command: Withdraw, state: Account) -> tuple[AccountEvent, ...]:
    _check_positive(command.amount)
    if isinstance(state, Unopened):
        raise UnknownAccount(
            f"There is no account {command.account_id} to withdraw from; a deposit opens it."
        )
    events = _book(command, state, -command.amount)
    if events and state.balance < command.amount:
        raise InsufficientFunds(
            f"Account {command.account_id} holds {format_amount(state.balance, state.currency)} {state.currency}, "
            f"less than the {format_amount(command.amount, state.currency)} asked for."
        )
    return events


def _record(command: RecordEntry, state: Account) -> tuple[AccountEvent, ...]:
    if command.amount == 0:
        raise InvalidAmount("An entry of zero books nothing; leave it out.")
    try:
        return _book(command, state, command.amount)
    except CommandTooOld:
        return ()


def _book(command: _EntryCommand, state: Account, amount: int) -> tuple[AccountEvent, ...]:
    """The entry of `amount` (signed), after the account's opening where there is none."""
    _check_entry(command)
    if isinstance(state, Unopened):
        return (_opening(command, command.currency), _entry(command, amount, balance=amount))
    entry = _entry(command, amount, balance=state.balance + amount)
    if _is_booked(command, entry, state):
        return ()
    if command.currency != state.currency:
        raise CurrencyMismatch(
            f"Account {command.account_id} is kept in {state.currency}; "
            f"an entry in {command.currency} cannot be booked on it."
        )
    if abs(entry.balance) >= LIMIT:
        raise BalanceOutOfRange(
            f"The balance of account {command.account_id} would reach "
            f"{format_amount(entry.balance, state.currency)} {state.currency}; "
            f"it has to stay below {format_amount(LIMIT, state.currency)}."
        )
    return (entry,)


def _is_booked(command: _EntryCommand, entry: Entry, state: Open) -> bool:
    before = state.booked.recent.get(entry.entry_id)
    if before is None and state.booked.is_older(entry.entry_id):
        raise CommandTooOld(
            f"Command id {command.command_id} was booked on account {command.account_id} too long ago to repeat "
            "the answer; nothing is booked twice. See the account's history, and use a new id for a new entry."
        )
    if before is None and state.opened_by == command.entry_id:
        raise _reused(command)
    if before is None:
        return False
    value_date = command.value_date or before.value_date
    if before != msgspec.structs.replace(entry, balance=before.balance, value_date=value_date):
        raise _reused(command)
    return True


def _opening(
    command: AccountCommand | _EntryCommand, currency: str, user_id: str | None = None
) -> AccountCreated:
    return AccountCreated(
        account_id=command.account_id, currency=currency, user_id=user_id, opened_by=command.entry_id
    )


def _entry(command: _EntryCommand, amount: int, *, balance: int) -> Entry:
    kind = MoneyDeposited if amount > 0 else MoneyWithdrawn
    return kind(
        account_id=command.account_id,
        entry_id=command.entry_id,
        amount=abs(amount),
        currency=command.currency,
        balance=balance,
        value_date=command.value_date or command.booked_on,
        note=command.note,
    )


def _check_positive(amount: int) -> None:
    if amount <= 0:
        raise InvalidAmount("The amount has to be above zero.")


def _check_entry(command: _EntryCommand) -> None:
    stream_of(command.account_id)
    exponent(command.currency)
    if abs(command.amount) >= LIMIT:
        raise InvalidAmount(
            f"The amount has to stay below {format_amount(LIMIT, command.currency)} {command.currency}."
        )
    if not is_note(command.note):
        raise InvalidNote(f"A note is one line of at most {NOTE_LENGTH} characters.")


def is_note(text: str) -> bool:
    """One line of at most NOTE_LENGTH characters; no controls, line separators or lone surrogates."""
    return len(text) <= NOTE_LENGTH and not any(unicodedata.category(mark) in _NO_NOTE for mark in text)


def _check_user_id(user_id: str | None) -> None:
    if user_id is not None and _ID.fullmatch(user_id) is None:
        raise InvalidUserId(f"{user_id[:80]!r} is no user id; {_ID_RULE}")


def _reused(command: AccountCommand | _EntryCommand) -> CommandReused:
    return CommandReused(
        f"Command id {command.command_id} was already used for something else on account {command.account_id}; "
        "use a new id."
    )


# Evolution.


def evolve(state: Account, event: AccountEvent) -> Account:
    """The state after `event`. Raises ImpossibleHistory where no decision could have written it here."""
    match state, event:
        case Unopened(), AccountCreated():
            return _opened(event)
        case Open(), MoneyDeposited():
            return _booked(state, event, event.amount)
        case Open(), MoneyWithdrawn():
            return _booked(state, event, -event.amount)
        case _:
            raise _impossible(event, f"cannot follow {type(state).__name__}")


def _opened(event: AccountCreated) -> Open:
    try:
        stream_of(event.account_id)
        exponent(event.currency)
        _check_user_id(event.user_id)
    except DomainError as error:
        raise _impossible(event, str(error)) from error
    return Open(
        account_id=event.account_id,
        currency=event.currency,
        user_id=event.user_id,
        opened_by=event.opened_by,
    )


def _booked(state: Open, entry: Entry, amount: int) -> Open:
    if (entry.account_id, entry.currency) != (state.account_id, state.currency):
        raise _impossible(entry, f"stands on account {state.account_id} in {state.currency}")
    if not 0 < entry.amount < LIMIT:
        raise _impossible(entry, f"has the amount {entry.amount}")
    if entry.balance != state.balance + amount or abs(entry.balance) >= LIMIT:
        raise _impossible(entry, f"states the balance {entry.balance} after {state.balance}")
    if entry.entry_id in state.booked or (state.booked.recent and entry.entry_id == state.opened_by):
        raise _impossible(entry, "was booked before")
    return Open(
        account_id=state.account_id,
        currency=state.currency,
        user_id=state.user_id,
        opened_by=state.opened_by,
        balance=entry.balance,
        booked=state.booked.adding(entry),
    )


def _impossible(event: AccountEvent, reason: str) -> ImpossibleHistory:
    return ImpossibleHistory(f"{type(event).__name__} of account {event.account_id}: {reason}.")
