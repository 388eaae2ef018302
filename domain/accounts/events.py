"""What has happened to an account. Events are in the past tense, frozen and complete in themselves.

What several of them have in common is in `shapes`.

Amounts, balances and limits are minor units of `currency`. An event states the balance after it, and the events of
holds also what is held, so that an answer can be repeated and a read model written without reading anything else
(docs/adr/0004).
"""

from typing import assert_never, final
from uuid import UUID

from domain.accounts import fields
from domain.accounts.shapes import (
    AccountEventShape,
    EntryShape,
    HoldEndedShape,
    HoldEventShape,
    LegShape,
    StandingEventShape,
    check_amount,
    check_not_negative,
)
from domain.identifiers import parse_account_id, parse_user_id
from domain.money import exponent


@final
class AccountCreated(AccountEventShape, frozen=True, kw_only=True):
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


@final
class MoneyDeposited(EntryShape, frozen=True, kw_only=True):
    """Money was paid in."""


@final
class MoneyWithdrawn(EntryShape, frozen=True, kw_only=True):
    """Money was paid out."""


@final
class EntryReversed(EntryShape, frozen=True, kw_only=True):
    """An entry was undone by an entry of the same amount in the other direction. The undone one stays in the log."""

    reverses: fields.EntryUndone
    direction: fields.Direction


@final
class MoneySent(LegShape, frozen=True, kw_only=True):
    """Money left for another account: the debit of a transfer."""


@final
class MoneyReceived(LegShape, frozen=True, kw_only=True):
    """Money arrived from another account: the credit of a transfer."""


@final
class MoneyReturned(LegShape, frozen=True, kw_only=True):
    """Money that had left came back, since the other account declined it: the refund of a transfer.

    A closed account that gets money back is frozen from then on, until somebody decides what becomes of the money.
    """


@final
class TransferDeclined(StandingEventShape, frozen=True, kw_only=True):
    """The account's no to a transfer: it did not send the money, or did not take it. Nothing was moved."""

    transfer_id: fields.TransferId
    other: fields.Other
    direction: fields.Direction
    amount: fields.Amount
    amount_currency: fields.AmountCurrency
    reason: fields.DeclineReason

    def __post_init__(self) -> None:
        """Raises ValueError, DomainError."""
        super().__post_init__()
        parse_account_id(self.other)
        check_amount(self.amount)
        exponent(self.amount_currency)


@final
class HoldPlaced(HoldEventShape, frozen=True, kw_only=True):
    """An amount was set aside: it is still in the balance, but no longer available."""

    amount: fields.Amount
    expires: fields.Expires = None

    def __post_init__(self) -> None:
        """Raises ValueError, DomainError."""
        super().__post_init__()
        check_amount(self.amount)

    @property
    def effect_id(self) -> UUID:
        return self.hold_id


@final
class HoldCaptured(EntryShape, frozen=True, kw_only=True):
    """All or part of what a hold had set aside was paid out, and the rest was released. The hold has ended."""

    hold_id: fields.HoldId
    hold_amount: fields.HoldAmount
    held: fields.Held
    overdraft: fields.Limit

    def __post_init__(self) -> None:
        """Raises ValueError, DomainError."""
        super().__post_init__()
        check_amount(self.hold_amount)
        check_not_negative(self.held)
        check_not_negative(self.overdraft)


@final
class HoldReleased(HoldEndedShape, frozen=True, kw_only=True):
    """A hold was given up: its amount is available again."""


@final
class HoldExpired(HoldEndedShape, frozen=True, kw_only=True):
    """The time of a hold had passed: its amount is available again."""


@final
class AccountFrozen(StandingEventShape, frozen=True, kw_only=True):
    """Nothing can be paid in, paid out or held until the account is unfrozen, except lines of a bank's statement."""


@final
class AccountUnfrozen(StandingEventShape, frozen=True, kw_only=True):
    """The account is in use again."""


@final
class AccountClosed(StandingEventShape, frozen=True, kw_only=True):
    """The account has ended. Its id is not used again."""

    holder: fields.Holder = None


@final
class OverdraftLimitChanged(StandingEventShape, frozen=True, kw_only=True):
    """The balance may go below zero, as far as the limit."""

    limit: fields.Limit

    def __post_init__(self) -> None:
        """Raises ValueError, DomainError."""
        super().__post_init__()
        check_not_negative(self.limit)


Leg = MoneySent | MoneyReceived | MoneyReturned
Entry = MoneyDeposited | MoneyWithdrawn | EntryReversed | HoldCaptured | Leg
HoldEvent = HoldPlaced | HoldCaptured | HoldReleased | HoldExpired
StandingEvent = AccountFrozen | AccountUnfrozen | AccountClosed | OverdraftLimitChanged
AccountEvent = (
    AccountCreated | Entry | HoldPlaced | HoldReleased | HoldExpired | StandingEvent | TransferDeclined
)


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
    if type(entry) is MoneyReceived or type(entry) is MoneyReturned:
        return entry.amount
    if type(entry) is MoneySent:
        return -entry.amount
    assert_never(entry)


def moved(event: AccountEvent) -> int | None:
    """What the event adds to the balance; None: it moves no money."""
    if type(event) is MoneyDeposited or type(event) is MoneyWithdrawn:
        return change(event)
    if type(event) is EntryReversed or type(event) is HoldCaptured:
        return change(event)
    if type(event) is MoneySent or type(event) is MoneyReceived or type(event) is MoneyReturned:
        return change(event)
    if type(event) is AccountCreated or type(event) is AccountFrozen or type(event) is AccountUnfrozen:
        return None
    if type(event) is AccountClosed or type(event) is OverdraftLimitChanged:
        return None
    if type(event) is TransferDeclined:
        return None
    if type(event) is HoldPlaced or type(event) is HoldReleased or type(event) is HoldExpired:
        return None
    assert_never(event)
