"""An account's state after an event."""

from typing import Final

from domain.accounts.events import AccountCreated, AccountEvent, EntryReversed
from domain.accounts.standing import State, follow
from domain.accounts.states import Account, Closed, Frozen, Open, Unopened

_STATES: Final[dict[State, type[Open | Frozen | Closed]]] = {"open": Open, "frozen": Frozen, "closed": Closed}


def evolve(state: Account, event: AccountEvent) -> Account:
    """The state after `event`. Raises ImpossibleHistory if no decision could have led to it here."""
    if isinstance(state, Unopened):
        standing = follow(None, event)
        assert isinstance(event, AccountCreated)
        return Open(standing=standing, opened_by=event.opened_by)
    standing = follow(state.standing, event)
    undone = state.reversed.adding([event.reverses]) if type(event) is EntryReversed else state.reversed
    return _STATES[standing.state](
        standing=standing,
        opened_by=state.opened_by,
        effects=state.effects.adding(event.effect_id, event),
        reversed=undone,
    )
