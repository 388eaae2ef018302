"""The rules that several decisions share. Each raises the refusal that is named for it."""

from typing import assert_never

from domain import messages
from domain.accounts.errors import (
    AccountIsClosed,
    AccountIsFrozen,
    BalanceOutOfRange,
    InsufficientFunds,
    UnknownAccount,
)
from domain.accounts.standing import Standing
from domain.accounts.states import Account, Closed, Frozen, Open, Unopened
from domain.errors import InvalidAmount
from domain.money import LIMIT, Amount, format_amount


def existing(state: Account, account_id: str) -> Open | Frozen | Closed:
    """Raises UnknownAccount."""
    if isinstance(state, Unopened):
        raise UnknownAccount(messages.unknown_account(account_id))
    return state


def check_open(state: Open | Frozen | Closed, account_id: str) -> None:
    """Raises AccountIsFrozen, AccountIsClosed."""
    match state:
        case Open():
            return
        case Frozen():
            raise AccountIsFrozen(messages.account_is_frozen(account_id))
        case Closed():
            raise AccountIsClosed(messages.account_is_closed(account_id))
        case _:
            assert_never(state)


def check_not_closed(state: Open | Frozen | Closed, account_id: str) -> None:
    """Raises AccountIsClosed."""
    if isinstance(state, Closed):
        raise AccountIsClosed(messages.account_is_closed(account_id))


def check_positive(amount: Amount) -> None:
    """Raises InvalidAmount."""
    if amount.units <= 0:
        raise InvalidAmount(messages.AMOUNT_NOT_ABOVE_ZERO)


def check_range(balance: int, account_id: str, currency: str) -> None:
    """Raises BalanceOutOfRange."""
    if abs(balance) >= LIMIT:
        reached, limit = format_amount(balance, currency), format_amount(LIMIT, currency)
        raise BalanceOutOfRange(messages.balance_out_of_range(account_id, reached, currency, limit))


def check_holds_range(held: int, account_id: str, currency: str) -> None:
    """Raises BalanceOutOfRange."""
    if held >= LIMIT:
        reached, limit = format_amount(held, currency), format_amount(LIMIT, currency)
        raise BalanceOutOfRange(messages.holds_out_of_range(account_id, reached, currency, limit))


def check_available(standing: Standing, amount: int, account_id: str) -> None:
    """Raises InsufficientFunds."""
    if standing.available < amount:
        figures = (standing.available, amount, standing.balance, standing.held, standing.overdraft)
        available, asked, balance, held, overdraft = (
            format_amount(figure, standing.currency) for figure in figures
        )
        raise InsufficientFunds(
            messages.insufficient_funds(
                account_id, available, standing.currency, asked, balance, held, overdraft
            )
        )
