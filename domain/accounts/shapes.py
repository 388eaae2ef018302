"""The shapes that events of accounts share.

An event is valid by itself: `__post_init__` refuses what no decision could have made, also when the log is read.
"""

from uuid import UUID

import msgspec

from domain import messages
from domain.accounts import fields
from domain.identifiers import parse_account_id
from domain.money import LIMIT, exponent


class AccountEventShape(msgspec.Struct, frozen=True, kw_only=True):
    account_id: fields.Id
    currency: fields.Currency

    def __post_init__(self) -> None:
        """Raises ValueError, DomainError."""
        parse_account_id(self.account_id)
        exponent(self.currency)

    @property
    def aggregate_id(self) -> str:
        return self.account_id


class EntryShape(AccountEventShape, frozen=True, kw_only=True):
    entry_id: fields.EntryId
    amount: fields.Amount
    balance: fields.Balance
    value_date: fields.ValueDate
    note: fields.Note = ""
    reference: fields.Reference = ""

    def __post_init__(self) -> None:
        """Raises ValueError, DomainError."""
        super().__post_init__()
        check_amount(self.amount)
        check_balance(self.balance)

    @property
    def effect_id(self) -> UUID:
        return self.entry_id


class LegShape(EntryShape, frozen=True, kw_only=True):
    transfer_id: fields.TransferId
    other: fields.Other

    def __post_init__(self) -> None:
        """Raises ValueError, DomainError."""
        super().__post_init__()
        parse_account_id(self.other)


class HoldEventShape(AccountEventShape, frozen=True, kw_only=True):
    """What an event of a hold states about the account after it: its balance, and what of that is available.

    available = balance - held + overdraft
    """

    hold_id: fields.HoldId
    balance: fields.Balance
    held: fields.Held
    overdraft: fields.Limit

    def __post_init__(self) -> None:
        """Raises ValueError, DomainError."""
        super().__post_init__()
        check_balance(self.balance)
        check_not_negative(self.held)
        check_not_negative(self.overdraft)


class HoldEndedShape(HoldEventShape, frozen=True, kw_only=True):
    effect_id: fields.EffectId
    amount: fields.Amount

    def __post_init__(self) -> None:
        """Raises ValueError, DomainError."""
        super().__post_init__()
        check_amount(self.amount)


class StandingEventShape(AccountEventShape, frozen=True, kw_only=True):
    effect_id: fields.EffectId
    balance: fields.Balance

    def __post_init__(self) -> None:
        """Raises ValueError, DomainError."""
        super().__post_init__()
        check_balance(self.balance)


def check_amount(amount: int) -> None:
    if not 0 < amount < LIMIT:
        raise ValueError(messages.OUT_OF_RANGE)


def check_balance(balance: int) -> None:
    if not -LIMIT < balance < LIMIT:
        raise ValueError(messages.OUT_OF_RANGE)


def check_not_negative(figure: int) -> None:
    if not 0 <= figure < LIMIT:
        raise ValueError(messages.OUT_OF_RANGE)
