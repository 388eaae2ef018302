"""Short forms for freezing, closing and limits of account "a" in CZK. See tests.kit.accounts."""

from typing import TypeVar

from domain.accounts import (
    AccountClosed,
    AccountFrozen,
    AccountUnfrozen,
    CloseAccount,
    FreezeAccount,
    OverdraftLimitChanged,
    SetOverdraftLimit,
    UnfreezeAccount,
)
from domain.identifiers import AccountId
from domain.money import Amount
from tests.kit.accounts import ACCOUNT, an_id, entry_id

E = TypeVar("E", AccountFrozen, AccountUnfrozen, AccountClosed)


def freeze(number: int) -> FreezeAccount:
    return FreezeAccount(account_id=ACCOUNT, command_id=an_id(number))


def unfreeze(number: int) -> UnfreezeAccount:
    return UnfreezeAccount(account_id=ACCOUNT, command_id=an_id(number))


def close(number: int) -> CloseAccount:
    return CloseAccount(account_id=ACCOUNT, command_id=an_id(number))


def set_limit(number: int, limit: int) -> SetOverdraftLimit:
    """`limit` in minor units."""
    return SetOverdraftLimit(account_id=ACCOUNT, command_id=an_id(number), limit=Amount(limit, 2))


def frozen(number: int, *, balance: int = 0, account: str = ACCOUNT) -> AccountFrozen:
    return _event(AccountFrozen, number, balance, account)


def unfrozen(number: int, *, balance: int = 0, account: str = ACCOUNT) -> AccountUnfrozen:
    return _event(AccountUnfrozen, number, balance, account)


def closed(number: int, *, account: str = ACCOUNT) -> AccountClosed:
    return _event(AccountClosed, number, 0, account)


def limit_set(number: int, limit: int, *, balance: int = 0) -> OverdraftLimitChanged:
    return OverdraftLimitChanged(
        account_id=ACCOUNT, effect_id=entry_id(number), currency="CZK", balance=balance, limit=limit
    )


def _event(kind: type[E], number: int, balance: int, account: str) -> E:
    return kind(
        account_id=AccountId(account), effect_id=entry_id(number, account), currency="CZK", balance=balance
    )
