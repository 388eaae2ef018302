"""Decisions on the account itself: freeze, unfreeze, close, and how far it may be overdrawn."""

from typing import Any

from domain import messages
from domain.accounts.checks import check_not_closed, check_open, existing
from domain.accounts.commands import CloseAccount, FreezeAccount, SetOverdraftLimit, UnfreezeAccount
from domain.accounts.errors import AccountIsFrozen, AccountNotEmpty, AccountNotFrozen
from domain.accounts.events import (
    AccountClosed,
    AccountEvent,
    AccountFrozen,
    AccountUnfrozen,
    OverdraftLimitChanged,
)
from domain.accounts.once import was_decided
from domain.accounts.states import Account, Closed, Frozen, Open
from domain.errors import InvalidAmount, InvalidLimit
from domain.money import format_amount, minor_units


def freeze(command: FreezeAccount, state: Account) -> tuple[AccountEvent, ...]:
    account = existing(state, command.account_id)
    if was_decided(command, account):
        return ()
    check_not_closed(account, command.account_id)
    if isinstance(account, Frozen):
        raise AccountIsFrozen(messages.frozen_already(command.account_id))
    return (AccountFrozen(**_after(command, account)),)


def unfreeze(command: UnfreezeAccount, state: Account) -> tuple[AccountEvent, ...]:
    account = existing(state, command.account_id)
    if was_decided(command, account):
        return ()
    check_not_closed(account, command.account_id)
    if not isinstance(account, Frozen):
        raise AccountNotFrozen(messages.account_not_frozen(command.account_id))
    return (AccountUnfrozen(**_after(command, account)),)


def close(command: CloseAccount, state: Account) -> tuple[AccountEvent, ...]:
    account = existing(state, command.account_id)
    if was_decided(command, account):
        return ()
    check_open(account, command.account_id)
    standing = account.standing
    if standing.balance or standing.holds:
        balance, held = (
            format_amount(figure, standing.currency) for figure in (standing.balance, standing.held)
        )
        raise AccountNotEmpty(
            messages.account_not_empty(command.account_id, balance, standing.currency, held)
        )
    return (AccountClosed(holder=standing.holder, **_after(command, account)),)


def set_overdraft_limit(command: SetOverdraftLimit, state: Account) -> tuple[AccountEvent, ...]:
    """A limit below what is overdrawn already is allowed: nothing more can be withdrawn then."""
    if command.limit.units < 0:
        raise InvalidLimit(messages.LIMIT_BELOW_ZERO)
    account = existing(state, command.account_id)
    if was_decided(command, account):
        return ()
    check_not_closed(account, command.account_id)
    limit = _limit(command, account.standing.currency)
    return (OverdraftLimitChanged(limit=limit, **_after(command, account)),)


def _limit(command: SetOverdraftLimit, currency: str) -> int:
    """Raises InvalidLimit."""
    try:
        return minor_units(command.limit, currency)
    except InvalidAmount as error:
        raise InvalidLimit(str(error)) from error


def _after(
    command: FreezeAccount | UnfreezeAccount | CloseAccount | SetOverdraftLimit,
    account: Open | Frozen | Closed,
) -> dict[str, Any]:
    return {
        "account_id": command.account_id,
        "effect_id": command.effect_id,
        "currency": account.standing.currency,
        "balance": account.standing.balance,
    }
