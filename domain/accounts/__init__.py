"""An account. Read it in this order:

events       what has happened
commands     what may be asked for
states       Unopened | Open
standing     follow(standing, event) -> standing: whether an event can be the next one
decisions    decide(command, state) -> events, or a refusal
evolution    evolve(state, event) -> state
errors       the refusals

Deciding a command again, on any later state, gives no events or a refusal: an id is booked once.
"""

from typing import Final

from domain.accounts.commands import AccountCommand, CreateAccount, Deposit, RecordEntry, Withdraw
from domain.accounts.decisions import decide
from domain.accounts.errors import (
    AccountAlreadyExists,
    AccountRefused,
    BalanceOutOfRange,
    CurrencyMismatch,
    InsufficientFunds,
    UnknownAccount,
)
from domain.accounts.events import (
    AccountCreated,
    AccountEvent,
    Entry,
    MoneyDeposited,
    MoneyWithdrawn,
    change,
)
from domain.accounts.evolution import evolve
from domain.accounts.standing import Standing, follow
from domain.accounts.states import Account, Open, Unopened
from domain.decider import Decider

__all__ = [
    "ACCOUNTS",
    "Account",
    "AccountAlreadyExists",
    "AccountCommand",
    "AccountCreated",
    "AccountEvent",
    "AccountRefused",
    "BalanceOutOfRange",
    "CreateAccount",
    "CurrencyMismatch",
    "Deposit",
    "Entry",
    "InsufficientFunds",
    "MoneyDeposited",
    "MoneyWithdrawn",
    "Open",
    "RecordEntry",
    "Standing",
    "UnknownAccount",
    "Unopened",
    "Withdraw",
    "change",
    "decide",
    "evolve",
    "follow",
]

ACCOUNTS: Final[Decider[AccountCommand, Account, AccountEvent]] = Decider(
    category="account", initial=Unopened(), decide=decide, evolve=evolve, standing=Standing, follow=follow
)
