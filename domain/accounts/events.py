"""What has happened to an account. Events are in the past tense, frozen and complete in themselves.

They are also valid by themselves: `__post_init__` refuses an event that no decision could have made, also when the log
is read.

Amounts and balances are minor units of `currency`. An entry states the balance after it, so that a read model can
be written without reading it first (docs/adr/0004).
"""

from datetime import date
from typing import assert_never, final
from uuid import UUID

import msgspec

from domain import messages
from domain.identifiers import AccountId, UserId, parse_account_id, parse_user_id
from domain.money import LIMIT, exponent


@final
class AccountCreated(msgspec.Struct, frozen=True, kw_only=True):
    """`opened_by` is the effect id of the command that opened the account."""

    account_id: AccountId
    currency: str
    user_id: UserId | None = None
    opened_by: UUID

    def __post_init__(self) -> None:
        """Raises DomainError."""
        parse_account_id(self.account_id)
        exponent(self.currency)
        if self.user_id is not None:
            parse_user_id(self.user_id)

    @property
    def aggregate_id(self) -> str:
        return self.account_id

    @property
    def effect_id(self) -> UUID:
        return self.opened_by


class _Entry(msgspec.Struct, frozen=True, kw_only=True):
    """`amount` is above zero; the event's type gives its direction. `entry_id` is the effect id of its command."""

    account_id: AccountId
    entry_id: UUID
    amount: int
    currency: str
    balance: int
    value_date: date
    note: str = ""

    def __post_init__(self) -> None:
        """Raises ValueError, DomainError."""
        parse_account_id(self.account_id)
        exponent(self.currency)
        if not 0 < self.amount < LIMIT or not -LIMIT < self.balance < LIMIT:
            raise ValueError(messages.OUT_OF_RANGE)

    @property
    def aggregate_id(self) -> str:
        return self.account_id

    @property
    def effect_id(self) -> UUID:
        return self.entry_id


@final
class MoneyDeposited(_Entry, frozen=True, kw_only=True):
    pass


@final
class MoneyWithdrawn(_Entry, frozen=True, kw_only=True):
    pass


Entry = MoneyDeposited | MoneyWithdrawn
AccountEvent = AccountCreated | Entry


def change(entry: Entry) -> int:
    """What the entry adds to the balance: the one place that knows an entry's sign.

    On hot paths types are compared by identity: a failed isinstance costs four times as much for a struct.
    """
    if type(entry) is MoneyDeposited:
        return entry.amount
    if type(entry) is MoneyWithdrawn:
        return -entry.amount
    assert_never(entry)
