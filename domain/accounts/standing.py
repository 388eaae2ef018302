"""What the next event of an account depends on, and whether an event can be that one.

This is the one rule for both sides: `evolve` applies it before a command is decided, the read side before an event is
shown.
"""

from typing import assert_never, final

import msgspec

from domain import messages
from domain.accounts.events import AccountCreated, AccountEvent, Entry, MoneyDeposited, MoneyWithdrawn, change
from domain.errors import ImpossibleHistory


@final
class Standing(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """An open account; `balance` is in minor units of `currency`. Fields are only ever added at the end."""

    currency: str
    balance: int = 0


def follow(standing: Standing | None, event: AccountEvent) -> Standing:
    """The standing after `event`. None: the account was never opened.

    Raises ImpossibleHistory if no decision could have led to `event` here.
    """
    if type(event) is MoneyDeposited or type(event) is MoneyWithdrawn:
        return _booked(standing, event)
    if type(event) is AccountCreated:
        return _opened(standing, event)
    assert_never(event)


def _opened(standing: Standing | None, event: AccountCreated) -> Standing:
    if standing is not None:
        raise ImpossibleHistory(messages.OPEN_ALREADY)
    return Standing(event.currency)


def _booked(standing: Standing | None, entry: Entry) -> Standing:
    if standing is None:
        raise ImpossibleHistory(messages.NOT_OPENED_BEFORE)
    if entry.currency != standing.currency:
        raise ImpossibleHistory(messages.other_currency_than(entry.currency, standing.currency))
    if entry.balance != standing.balance + change(entry):
        raise ImpossibleHistory(messages.states_wrong_balance(entry.balance, standing.balance))
    return Standing(entry.currency, entry.balance)
