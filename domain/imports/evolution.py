"""An import's state after an event."""

from typing import Final

from domain.idempotency import Effects
from domain.imports.events import ImportEvent, ImportStarted
from domain.imports.standing import State, follow
from domain.imports.states import Booked, Checked, Existing, Failed, Import, UnderWay

_STATES: Final[dict[State, type[UnderWay | Checked | Booked | Failed]]] = {
    "under-way": UnderWay,
    "checked": Checked,
    "booked": Booked,
    "failed": Failed,
}


def evolve(state: Import, event: ImportEvent) -> Import:
    """The state after `event`. Raises ImpossibleHistory if no decision could have led to it here."""
    standing = follow(state.standing if isinstance(state, Existing) else None, event)
    starts = state.starts if isinstance(state, Existing) else Effects[ImportStarted]()
    if isinstance(event, ImportStarted):
        starts = starts.adding(event.effect_id, event)
    return _STATES[standing.state](import_id=event.import_id, standing=standing, starts=starts)
