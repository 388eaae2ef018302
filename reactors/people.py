"""The reactor `people`: what an event on one stream asks for on another, or in the key store, is done in the end.

The process that recorded the event does it at once. If it ended before that, this reactor does it:

AccountAdded     the account is opened, or taken off the person again
AccountClosed    the account is taken off the person who held it
UserDeleted      the person's key is destroyed
"""

from datetime import datetime, timedelta
from typing import Final, assert_never

from commands.holding import Holding, Unfinished
from domain.accounts import AccountClosed, AccountCreated
from domain.users import AccountAdded, AccountRemoved, UserDeleted
from eventstore.codec import Fact
from eventstore.store import time_of
from reactors.reactor import Begins, Ends, Reactor, Tools, context_after

GRACE: Final = timedelta(seconds=10)
"""How long the process that recorded the event has to finish by itself."""

Looked = Unfinished | AccountCreated | AccountRemoved


def plan(fact: Fact[Looked]) -> Begins | Ends | None:
    event = fact.event
    match event:
        case AccountAdded():
            return Begins(_holding(event.user_id, event.account_id), _due(fact))
        case AccountClosed(holder=None) | AccountCreated(holder=None):
            return None
        case AccountClosed():
            return Begins(_holding(event.holder, event.account_id), _due(fact))
        case AccountCreated():
            return Ends(_holding(event.holder, event.account_id))
        case AccountRemoved():
            return Ends(_holding(event.user_id, event.account_id))
        case UserDeleted():
            return Begins(event.user_id, _due(fact))
        case _:
            assert_never(event)


async def finish(fact: Fact[Unfinished], tools: Tools) -> bool:
    """Raises KeysUnavailable, so that the key is destroyed later."""
    holding = Holding(tools.accounts, tools.users)
    await holding.finish(fact.event, context_after(fact, fact.event.effect_id, tools.now()))
    return True


def _holding(user_id: str | None, account_id: str) -> str:
    return f"{user_id} {account_id}"


def _due(fact: Fact[Looked]) -> datetime:
    return time_of(fact.recorded) + GRACE


PEOPLE: Final = Reactor(
    name="people",
    events=(AccountAdded, AccountCreated, AccountClosed, AccountRemoved, UserDeleted),
    plan=plan,
    act=finish,
)
