"""What has happened: the vocabulary of the log. Past tense, frozen, complete in themselves.

Amounts and balances are minor units of `currency`. An entry states the balance after it, so that a read model is
written without reading (docs/adr/0004).
"""

from datetime import date
from uuid import UUID

import msgspec


class AccountCreated(msgspec.Struct, frozen=True, kw_only=True):
    """`opened_by` is the entry id of the command that opened the account."""

    account_id: str
    currency: str
    user_id: str | None = None
    opened_by: UUID


class _Entry(msgspec.Struct, frozen=True, kw_only=True):
    """`amount` is above zero; the event's type gives its direction."""

    account_id: str
    entry_id: UUID
    amount: int
    currency: str
    balance: int
    value_date: date
    note: str = ""


class MoneyDeposited(_Entry, frozen=True, kw_only=True):
    pass


class MoneyWithdrawn(_Entry, frozen=True, kw_only=True):
    pass


Entry = MoneyDeposited | MoneyWithdrawn
AccountEvent = AccountCreated | Entry
