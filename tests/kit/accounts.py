"""Short ways to say commands and events of account "a" in CZK. Ids are counted: `an_id(1)` is always the same one."""

from datetime import date
from typing import Final
from uuid import UUID, uuid5

from domain.account import CreateAccount, Deposit, RecordEntry, Withdraw
from domain.events import AccountCreated, MoneyDeposited, MoneyWithdrawn

ACCOUNT: Final = "a"
DAY: Final = date(2026, 1, 5)


def an_id(number: int) -> UUID:
    return uuid5(UUID(int=0), str(number))


def entry_id(number: int, account: str = ACCOUNT) -> UUID:
    return uuid5(an_id(number), account)


def create(
    number: int, *, currency: str = "CZK", user: str | None = None, account: str = ACCOUNT
) -> CreateAccount:
    return CreateAccount(account_id=account, command_id=an_id(number), currency=currency, user_id=user)


def deposit(
    number: int,
    amount: int,
    *,
    currency: str = "CZK",
    account: str = ACCOUNT,
    note: str = "",
    value_date: date | None = None,
    booked_on: date = DAY,
) -> Deposit:
    return Deposit(
        account_id=account,
        command_id=an_id(number),
        amount=amount,
        currency=currency,
        booked_on=booked_on,
        value_date=value_date,
        note=note,
    )


def withdraw(number: int, amount: int, *, currency: str = "CZK", account: str = ACCOUNT) -> Withdraw:
    return Withdraw(
        account_id=account, command_id=an_id(number), amount=amount, currency=currency, booked_on=DAY
    )


def record(number: int, amount: int, *, currency: str = "CZK", account: str = ACCOUNT) -> RecordEntry:
    return RecordEntry(
        account_id=account, command_id=an_id(number), amount=amount, currency=currency, booked_on=DAY
    )


def opened(number: int, *, currency: str = "CZK", user: str | None = None) -> AccountCreated:
    return AccountCreated(account_id=ACCOUNT, currency=currency, user_id=user, opened_by=entry_id(number))


def deposited(
    number: int, amount: int, *, balance: int, currency: str = "CZK", note: str = "", value_date: date = DAY
) -> MoneyDeposited:
    return MoneyDeposited(
        account_id=ACCOUNT,
        entry_id=entry_id(number),
        amount=amount,
        currency=currency,
        balance=balance,
        value_date=value_date,
        note=note,
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
