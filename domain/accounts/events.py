"""What has happened to an account. Events are in the past tense, frozen and complete in themselves.

They are also valid by themselves: `__post_init__` refuses what no decision could have made, also when the log is read.

Amounts, balances and limits are minor units of `currency`. An event states the balance after it, and the events of
holds also what is held, so that an answer can be repeated and a read model written without reading anything else
(docs/adr/0004).
"""

from typing import assert_never, final
from uuid import UUID

import msgspec

from domain import messages
from domain.accounts import fields
from domain.identifiers import parse_account_id, parse_user_id
from domain.money import LIMIT, exponent


class _AccountEvent(msgspec.Struct, frozen=True, kw_only=True):
    account_id: fields.Id
    currency: fields.Currency

    def __post_init__(self) -> None:
        """Raises ValueError, DomainError."""
        parse_account_id(self.account_id)
        exponent(self.currency)

    @property
    def aggregate_id(self) -> str:
        return self.account_id


@final
class AccountCreated(_AccountEvent, frozen=True, kw_only=True):
    """An account was opened, for a holder or for nobody in particular."""

    holder: fields.Holder = None
    opened_by: fields.EffectId

    def __post_init__(self) -> None:
        """Raises DomainError."""
        super().__post_init__()
        if self.holder is not None:
            parse_user_id(self.holder)

    @property
    def effect_id(self) -> UUID:
        return self.opened_by


class _Entry(_AccountEvent, frozen=True, kw_only=True):
    entry_id: fields.EntryId
    amount: fields.Amount
    balance: fields.Balance
    value_date: fields.ValueDate
    note: fields.Note = ""
    reference: fields.Reference = ""

    def __post_init__(self) -> None:
        """Raises ValueError, DomainError."""
        super().__post_init__()
        _check_amount(self.amount)
        _check_balance(self.balance)

    @property
    def effect_id(self) -> UUID:
        return self.entry_id


@final
class MoneyDeposited(_Entry, frozen=True, kw_only=True):
    """Money was paid in."""


@final
class MoneyWithdrawn(_Entry, frozen=True, kw_only=True):
    """Money was paid out."""


@final
class EntryReversed(_Entry, frozen=True, kw_only=True):
    """An entry was undone by an entry of the same amount in the other direction. The undone one stays in the log."""

    reverses: fields.EntryUndone
    direction: fields.Direction


class _HoldEvent(_AccountEvent, frozen=True, kw_only=True):
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
        _check_balance(self.balance)
        _check_not_negative(self.held)
        _check_not_negative(self.overdraft)


@final
class HoldPlaced(_HoldEvent, frozen=True, kw_only=True):
    """An amount was set aside: it is still in the balance, but no longer available."""

    amount: fields.Amount
    expires: fields.Expires = None

    def __post_init__(self) -> None:
        """Raises ValueError, DomainError."""
        super().__post_init__()
        _check_amount(self.amount)

    @property
    def effect_id(self) -> UUID:
        return self.hold_id


@final
class HoldCaptured(_Entry, frozen=True, kw_only=True):
    """All or part of what a hold had set aside was paid out, and the rest was released. The hold has ended."""

    hold_id: fields.HoldId
    hold_amount: fields.HoldAmount
    held: fields.Held
    overdraft: fields.Limit

    def __post_init__(self) -> None:
        """Raises ValueError, DomainError."""
        super().__post_init__()
        _check_amount(self.hold_amount)
        _check_not_negative(self.held)
        _check_not_negative(self.overdraft)


class _HoldEnded(_HoldEvent, frozen=True, kw_only=True):
    effect_id: fields.EffectId
    amount: fields.Amount

    def __post_init__(self) -> None:
        """Raises ValueError, DomainError."""
        super().__post_init__()
        _check_amount(self.amount)


@final
class HoldReleased(_HoldEnded, frozen=True, kw_only=True):
    """A hold was given up: its amount is available again."""


@final
class HoldExpired(_HoldEnded, frozen=True, kw_only=True):
    """The time of a hold had passed: its amount is available again."""


class _StandingEvent(_AccountEvent, frozen=True, kw_only=True):
    effect_id: fields.EffectId
    balance: fields.Balance

    def __post_init__(self) -> None:
        """Raises ValueError, DomainError."""
        super().__post_init__()
        _check_balance(self.balance)


@final
class AccountFrozen(_StandingEvent, frozen=True, kw_only=True):
    """Nothing can be paid in, paid out or held until the account is unfrozen, except lines of a bank's statement."""


@final
class AccountUnfrozen(_StandingEvent, frozen=True, kw_only=True):
    """The account is in use again."""


@final
class AccountClosed(_StandingEvent, frozen=True, kw_only=True):
    """The account has ended. Its id is not used again."""

    holder: fields.Holder = None


@final
class OverdraftLimitChanged(_StandingEvent, frozen=True, kw_only=True):
    """The balance may go below zero, as far as the limit."""

    limit: fields.Limit

    def __post_init__(self) -> None:
        """Raises ValueError, DomainError."""
        super().__post_init__()
        _check_not_negative(self.limit)


Entry = MoneyDeposited | MoneyWithdrawn | EntryReversed | HoldCaptured
HoldEvent = HoldPlaced | HoldCaptured | HoldReleased | HoldExpired
StandingEvent = AccountFrozen | AccountUnfrozen | AccountClosed | OverdraftLimitChanged
AccountEvent = AccountCreated | Entry | HoldPlaced | HoldReleased | HoldExpired | StandingEvent


def change(entry: Entry) -> int:
    """What the entry adds to the balance: the one place that knows an entry's sign.

    On hot paths types are compared by identity: a failed isinstance costs four times as much for a struct.
    """
    if type(entry) is MoneyDeposited:
        return entry.amount
    if type(entry) is MoneyWithdrawn or type(entry) is HoldCaptured:
        return -entry.amount
    if type(entry) is EntryReversed:
        return entry.amount if entry.direction == "in" else -entry.amount
    assert_never(entry)


def moved(event: AccountEvent) -> int | None:
    """What the event adds to the balance; None: it moves no money."""
    if type(event) is MoneyDeposited or type(event) is MoneyWithdrawn:
        return change(event)
    if type(event) is EntryReversed or type(event) is HoldCaptured:
        return change(event)
    if type(event) is AccountCreated or type(event) is AccountFrozen or type(event) is AccountUnfrozen:
        return None
    if type(event) is AccountClosed or type(event) is OverdraftLimitChanged:
        return None
    if type(event) is HoldPlaced or type(event) is HoldReleased or type(event) is HoldExpired:
        return None
    assert_never(event)


def _check_amount(amount: int) -> None:
    if not 0 < amount < LIMIT:
        raise ValueError(messages.OUT_OF_RANGE)


def _check_balance(balance: int) -> None:
    if not -LIMIT < balance < LIMIT:
        raise ValueError(messages.OUT_OF_RANGE)


def _check_not_negative(figure: int) -> None:
    if not 0 <= figure < LIMIT:
        raise ValueError(messages.OUT_OF_RANGE)
