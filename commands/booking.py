"""A request on its way into the log: what was asked for, what was decided, and what came of it."""

from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar
from uuid import UUID

import msgspec

from commands.cache import Loaded
from commands.context import Context
from commands.deciding import Decided, Terms
from commands.repository import Found
from domain.decider import Command, Event
from eventstore.store import Appended, NewEvent

C = TypeVar("C", bound=Command)
S = TypeVar("S")
E = TypeVar("E", bound=Event)


class Request(msgspec.Struct, Generic[C], frozen=True):
    """Commands of one caller on one aggregate: all of them are booked, or none."""

    commands: Sequence[C]
    contexts: Sequence[Context]
    terms: Terms


class Outcome(msgspec.Struct, Generic[E], frozen=True, kw_only=True):
    """The last event of a command, its id, and its place in the log.

    `repeated`: the command was decided before, and this was its outcome. A read model that has reached `position` shows
    the command's effect. `event_id` and `position` are None if nothing was appended: in a dry run of a new command.
    """

    event: E
    event_id: UUID | None
    revision: int
    position: int | None
    repeated: bool


class Booking(msgspec.Struct, Generic[C, S, E], frozen=True):
    """A request that was decided. `encoded` are all its events as they are appended; none of a dry run."""

    request: Request[C]
    decided: Decided[S, E]
    encoded: Sequence[NewEvent]

    @property
    def after(self) -> Loaded[S]:
        return self.decided.after(self.encoded)

    @property
    def repeated(self) -> frozenset[UUID]:
        """The ids of effects that were recorded before."""
        if all(self.decided.events):
            return frozenset()
        pairs = [*zip(self.request.commands, self.decided.events, strict=True)]
        new = {command.effect_id for command, events in pairs if events}
        return frozenset(command.effect_id for command, _ in pairs) - new

    def outcomes(self, appended: Appended | None, earlier: Mapping[UUID, Found[E]]) -> Sequence[Outcome[E]]:
        """`appended` is where the append ended that its events are in; `earlier` has what was recorded before."""
        found = {**earlier, **self._new(appended)} if earlier else self._new(appended)
        return [
            _outcome(found[command.effect_id], repeated=not events)
            for command, events in zip(self.request.commands, self.decided.events, strict=True)
        ]

    def _new(self, appended: Appended | None) -> dict[UUID, Found[E]]:
        """The last event of each new effect, by its id."""
        position = appended.position if appended else None
        found, count = dict[UUID, Found[E]](), 0
        for command, events in zip(self.request.commands, self.decided.events, strict=True):
            count += len(events)
            if events:
                event_id = self.encoded[count - 1].id if self.encoded else None
                revision = self.decided.before.revision + count
                found[command.effect_id] = Found(events[-1], event_id, revision, position)
        return found


def _outcome(found: Found[E], *, repeated: bool) -> Outcome[E]:
    return Outcome(
        event=found.event,
        event_id=found.event_id,
        revision=found.revision,
        position=found.position,
        repeated=repeated,
    )
