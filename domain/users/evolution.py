"""A person's state after an event."""

from domain.idempotency import Effects
from domain.users.events import UserEvent
from domain.users.standing import follow
from domain.users.states import Deleted, Known, Unknown, User


def evolve(state: User, event: UserEvent) -> User:
    """The state after `event`. Raises ImpossibleHistory if no decision could have led to it here."""
    before = None if isinstance(state, Unknown) else state.standing
    effects = Effects[UserEvent]() if isinstance(state, Unknown) else state.effects
    standing = follow(before, event)
    kind = Deleted if standing.deleted else Known
    return kind(standing=standing, effects=effects.adding(event.effect_id, event))
