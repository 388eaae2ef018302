"""An account's state after an event."""

from typing import assert_never

from domain.accounts.events import AccountCreated, AccountEvent, Entry, MoneyDeposited, MoneyWithdrawn
from domain.accounts.standing import Standing, follow
from domain.accounts.states import Account, Open, Unopened


def evolve(state: Account, event: AccountEvent) -> Account:
    """The state after `event`. Raises ImpossibleHistory if no decision could have led to it here."""
    standing = follow(_standing_of(state), event)
    match event:
        case AccountCreated():
            return _opened(event)
        case MoneyDeposited() | MoneyWithdrawn():
            assert isinstance(state, Open)
            return _booked(state, event, standing.balance)
        case _:
            assert_never(event)


def _standing_of(state: Account) -> Standing | None:
    return None if isinstance(state, Unopened) else Standing(state.currency, state.balance)


def _opened(event: AccountCreated) -> Open:
    return Open(
        currency=event.currency,
        user_id=event.user_id,
        opened_by=event.opened_by,
    )


def _booked(state: Open, entry: Entry, balance: int) -> Open:
    return Open(
        currency=state.currency,
        user_id=state.user_id,
        opened_by=state.opened_by,
        balance=balance,
        effects=state.effects.adding(entry.entry_id, entry),
    )
