"""Short forms for commands and events of account "a" in CZK. Ids are numbered: `an_id(1)` is always the same id."""

from collections.abc import Iterable
from datetime import date
from typing import Final, cast
from uuid import UUID, uuid5

from domain.accounts import (
    AccountCreated,
    AccountEvent,
    CreateAccount,
    Deposit,
    Entry,
    EntryReversed,
    MoneyDeposited,
    MoneyWithdrawn,
    RecordEntry,
    ReverseEntry,
    Withdraw,
    change,
)
from domain.identifiers import AccountId, UserId
from domain.money import Amount, exponent
from eventstore.codec import decode
from eventstore.store import Recorded

ACCOUNT: Final = AccountId("a")
DAY: Final = date(2026, 1, 5)


def an_id(number: int) -> UUID:
    return uuid5(UUID(int=0), str(number))


def entry_id(number: int, account: str = ACCOUNT) -> UUID:
    return uuid5(an_id(number), account)


def create(
    number: int, *, currency: str = "CZK", user: str | None = None, account: str = ACCOUNT
) -> CreateAccount:
    return CreateAccount(
        account_id=AccountId(account),
        command_id=an_id(number),
        currency=currency,
        holder=None if user is None else UserId(user),
    )


def deposit(
    number: int,
    amount: int,
    *,
    currency: str | None = "CZK",
    opens_in: str = "CZK",
    account: str = ACCOUNT,
    note: str = "",
    reference: str = "",
    value_date: date | None = None,
    booked_on: date = DAY,
) -> Deposit:
    """`amount` in minor units."""
    return Deposit(
        account_id=AccountId(account),
        command_id=an_id(number),
        amount=Amount(amount, exponent(currency or opens_in)),
        currency=currency,
        opens_in=opens_in,
        booked_on=booked_on,
        value_date=value_date,
        note=note,
        reference=reference,
    )


def withdraw(number: int, amount: int, *, currency: str | None = "CZK", account: str = ACCOUNT) -> Withdraw:
    """`amount` in minor units; of CZK if no currency is given."""
    return Withdraw(
        account_id=AccountId(account),
        command_id=an_id(number),
        amount=Amount(amount, exponent(currency or "CZK")),
        currency=currency,
        booked_on=DAY,
    )


def record(number: int, amount: int, *, currency: str = "CZK", account: str = ACCOUNT) -> RecordEntry:
    return RecordEntry(
        account_id=AccountId(account),
        command_id=an_id(number),
        amount=amount,
        currency=currency,
        booked_on=DAY,
    )


def reverse(number: int, entry: Entry | int) -> ReverseEntry:
    """`entry` is the one to undo; a number: one that the account does not have."""
    undone = entry_id(entry) if isinstance(entry, int) else entry.entry_id
    return ReverseEntry(
        account_id=ACCOUNT,
        command_id=an_id(number),
        entry_id=undone,
        entry=None if isinstance(entry, int) else entry,
        booked_on=DAY,
    )


def opened(
    number: int, *, currency: str = "CZK", user: str | None = None, account: str = ACCOUNT
) -> AccountCreated:
    return AccountCreated(
        account_id=AccountId(account),
        currency=currency,
        holder=None if user is None else UserId(user),
        opened_by=entry_id(number, account),
    )


def deposited(
    number: int,
    amount: int,
    *,
    balance: int,
    currency: str = "CZK",
    note: str = "",
    reference: str = "",
    value_date: date = DAY,
    account: str = ACCOUNT,
) -> MoneyDeposited:
    return MoneyDeposited(
        account_id=AccountId(account),
        entry_id=entry_id(number, account),
        amount=amount,
        currency=currency,
        balance=balance,
        value_date=value_date,
        note=note,
        reference=reference,
    )


def withdrawn(number: int, amount: int, *, balance: int, currency: str = "CZK") -> MoneyWithdrawn:
    return MoneyWithdrawn(
        account_id=ACCOUNT,
        entry_id=entry_id(number),
        amount=amount,
        currency=currency,
        balance=balance,
        value_date=DAY,
    )


def reversal(number: int, entry: Entry, *, balance: int) -> EntryReversed:
    return EntryReversed(
        account_id=ACCOUNT,
        entry_id=entry_id(number),
        reverses=entry.entry_id,
        direction="out" if change(entry) > 0 else "in",
        amount=entry.amount,
        currency=entry.currency,
        balance=balance,
        value_date=DAY,
    )


def events_of(recorded: Iterable[Recorded]) -> list[AccountEvent]:
    """The events of an account in the log."""
    return [cast(AccountEvent, decode(each).event) for each in recorded]
