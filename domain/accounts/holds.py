"""Decisions on holds: an amount is set aside, then captured in all or part, released, or its time passes."""

from typing import Any, Final
from uuid import UUID

from domain import messages
from domain.accounts.checks import (
    check_available,
    check_holds_range,
    check_open,
    check_positive,
    check_range,
    existing,
)
from domain.accounts.commands import CaptureHold, ExpireHold, PlaceHold, ReleaseHold
from domain.accounts.errors import HoldIsOver, HoldNotOver, HoldTooSmall, TooManyHolds, UnknownHold
from domain.accounts.events import AccountEvent, HoldCaptured, HoldExpired, HoldPlaced, HoldReleased
from domain.accounts.once import was_decided
from domain.accounts.standing import Hold, Standing
from domain.accounts.states import Account
from domain.errors import InvalidExpiry
from domain.money import format_amount, minor_units

MOST_HOLDS: Final = 500
"""How many holds an account can have at a time."""


def place(command: PlaceHold, state: Account) -> tuple[AccountEvent, ...]:
    check_positive(command.amount)
    account = existing(state, command.account_id)
    if was_decided(command, account):
        return ()
    check_open(account, command.account_id)
    standing = account.standing
    if command.expires is not None and command.expires <= command.at:
        raise InvalidExpiry(messages.expires_in_the_past(command.expires.isoformat()))
    if len(standing.holds) >= MOST_HOLDS:
        raise TooManyHolds(messages.too_many_holds(command.account_id, MOST_HOLDS))
    amount = minor_units(command.amount, standing.currency)
    check_available(standing, amount, command.account_id)
    check_holds_range(standing.held + amount, command.account_id, standing.currency)
    placed = HoldPlaced(
        hold_id=command.effect_id,
        amount=amount,
        expires=command.expires,
        **_after(command.account_id, standing, held=amount),
    )
    return (placed,)


def capture(command: CaptureHold, state: Account) -> tuple[AccountEvent, ...]:
    """What was set aside can be taken, even if the balance or the overdraft limit has gone down since."""
    if command.amount is not None:
        check_positive(command.amount)
    account = existing(state, command.account_id)
    if was_decided(command, account):
        return ()
    check_open(account, command.account_id)
    standing = account.standing
    hold = _hold(standing, command.hold_id, command.account_id)
    if hold.expires is not None and hold.expires <= command.at:
        raise HoldIsOver(messages.hold_is_over(str(command.hold_id), hold.expires.isoformat()))
    amount = _part(command, hold, standing.currency)
    check_range(standing.balance - amount, command.account_id, standing.currency)
    captured = HoldCaptured(
        entry_id=command.effect_id,
        hold_id=command.hold_id,
        hold_amount=hold.amount,
        amount=amount,
        value_date=command.booked_on,
        **_after(command.account_id, standing, balance=-amount, held=-hold.amount),
    )
    return (captured,)


def release(command: ReleaseHold, state: Account) -> tuple[AccountEvent, ...]:
    """Also on a frozen account: no money moves."""
    account = existing(state, command.account_id)
    if was_decided(command, account):
        return ()
    hold = _hold(account.standing, command.hold_id, command.account_id)
    return (HoldReleased(**_ended(command, account.standing, hold)),)


def expire(command: ExpireHold, state: Account) -> tuple[AccountEvent, ...]:
    account = existing(state, command.account_id)
    if was_decided(command, account):
        return ()
    hold = _hold(account.standing, command.hold_id, command.account_id)
    if hold.expires is None or command.at < hold.expires:
        raise HoldNotOver(messages.hold_not_over(str(command.hold_id)))
    return (HoldExpired(**_ended(command, account.standing, hold)),)


def _hold(standing: Standing, hold_id: UUID, account_id: str) -> Hold:
    hold = standing.holds.get(hold_id)
    if hold is None:
        raise UnknownHold(messages.unknown_hold(str(hold_id), account_id))
    return hold


def _part(command: CaptureHold, hold: Hold, currency: str) -> int:
    if command.amount is None:
        return hold.amount
    amount = minor_units(command.amount, currency)
    if amount > hold.amount:
        held, asked = format_amount(hold.amount, currency), format_amount(amount, currency)
        raise HoldTooSmall(messages.hold_too_small(str(command.hold_id), held, currency, asked))
    return amount


def _ended(command: ReleaseHold | ExpireHold, standing: Standing, hold: Hold) -> dict[str, Any]:
    return {
        "effect_id": command.effect_id,
        "hold_id": command.hold_id,
        "amount": hold.amount,
        **_after(command.account_id, standing, held=-hold.amount),
    }


def _after(account_id: str, standing: Standing, *, balance: int = 0, held: int) -> dict[str, Any]:
    """What an event of a hold states about the account, if it adds `balance` and `held`."""
    return {
        "account_id": account_id,
        "currency": standing.currency,
        "balance": standing.balance + balance,
        "held": standing.held + held,
        "overdraft": standing.overdraft,
    }
