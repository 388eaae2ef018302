"""A transfer's state after an event."""

from typing import Final

from domain.transfers.events import TransferEvent
from domain.transfers.standing import State, follow
from domain.transfers.states import (
    Completed,
    Credited,
    Debited,
    Declined,
    Existing,
    Refunded,
    Refused,
    Requested,
    Transfer,
)

_STATES: Final[
    dict[State, type[Requested | Debited | Declined | Credited | Completed | Refused | Refunded]]
] = {
    "requested": Requested,
    "debited": Debited,
    "declined": Declined,
    "credited": Credited,
    "completed": Completed,
    "refused": Refused,
    "refunded": Refunded,
}


def evolve(state: Transfer, event: TransferEvent) -> Transfer:
    """The state after `event`. Raises ImpossibleHistory if no decision could have led to it here."""
    standing = follow(state.standing if isinstance(state, Existing) else None, event)
    return _STATES[standing.state](transfer_id=event.transfer_id, standing=standing)
