"""An account's state after an event."""

from typing import assert_never

from domain import messages
from domain.accounts.events import AccountCreated, AccountEvent, Entry, MoneyDeposited, MoneyWithdrawn, change
from domain.accounts.states import Account, Open, Unopened
from domain.errors import ImpossibleHistory


def evolve(state: Account, event: AccountEvent) -> Account:
    """The state after `event`. Raises ImpossibleHistory if no decision could have led to it here."""
    match event:
        case AccountCreated():
            return _opened(state, event)
        case MoneyDeposited() | MoneyWithdrawn():
            return _booked(state, event)
        case _:
            assert_never(event)


def _opened(state: Account, event: AccountCreated) -> Open:
    if not isinstance(state, Unopened):
        raise _impossible(event, messages.OPEN_ALREADY)
    return Open(
        account_id=event.account_id,
        currency=event.currency,
        user_id=event.user_id,
        opened_by=event.opened_by,
    )


def _booked(state: Account, entry: Entry) -> Open:
    if isinstance(state, Unopened):
        raise _impossible(entry, messages.NOT_OPENED_BEFORE)
    _check(state, entry)
    return Open(
        account_id=state.account_id,
        currency=state.currency,
        user_id=state.user_id,
        opened_by=state.opened_by,
        balance=entry.balance,
        effects=state.effects.adding(entry.entry_id, entry),
    )


def _check(state: Open, entry: Entry) -> None:
    if (entry.account_id, entry.currency) != (state.account_id, state.currency):
        raise _impossible(entry, messages.in_stream_of(state.account_id, state.currency))
    if entry.balance != state.balance + change(entry):
        raise _impossible(entry, messages.states_wrong_balance(entry.balance, state.balance))
    if entry.entry_id in state.effects or (state.effects.recent and entry.entry_id == state.opened_by):
        raise _impossible(entry, messages.BOOKED_BEFORE)


def _impossible(event: AccountEvent, reason: str) -> ImpossibleHistory:
    return ImpossibleHistory(messages.impossible_event(type(event).__name__, event.account_id, reason))
