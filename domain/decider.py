"""The shape of an aggregate: what may happen to it, decided by two pure functions.

    decide(command, state) -> events        evolve(state, event) -> state

Source: Jérémie Chassaing, "Functional Event Sourcing Decider" (https://thinkbeforecoding.com/post/2021/12/17).
"""

from collections.abc import Callable, Iterable
from typing import Any, Generic, Protocol, TypeVar, get_type_hints
from uuid import UUID

import msgspec


class Event(Protocol):
    """`aggregate_id` names the stream; `effect_id` is the id of the effect of the command that led to the event."""

    @property
    def aggregate_id(self) -> str: ...

    @property
    def effect_id(self) -> UUID: ...


class Command(Protocol):
    """`effect_id` differs for every aggregate on which one command id is used."""

    @property
    def aggregate_id(self) -> str: ...

    @property
    def command_id(self) -> UUID: ...

    @property
    def effect_id(self) -> UUID: ...


C = TypeVar("C", bound=Command)
S = TypeVar("S")
E = TypeVar("E", bound=Event)


class Decider(msgspec.Struct, Generic[C, S, E], frozen=True):
    """An aggregate. Its streams are named `{category}-{aggregate id}`.

    `decide` returns no events if the command was decided before, and raises a DomainError if a rule refuses it.
    `evolve` raises ImpossibleHistory if no decision could have led to the event.

    The read side keeps no states. `follow(standing, event) -> standing` raises for the same events, and knows of an
    aggregate no more than that needs: a `standing`, None before the first event.
    """

    category: str
    initial: S
    decide: Callable[[C, S], tuple[E, ...]]
    evolve: Callable[[S, E], S]
    standing: type[msgspec.Struct]
    follow: Callable[[Any, E], msgspec.Struct]

    def stream(self, aggregate_id: str) -> str:
        return f"{self.category}-{aggregate_id}"

    @property
    def states(self) -> Any:
        """The union of the states, as `evolve` declares it."""
        return get_type_hints(self.evolve)["return"]


def fold(decider: Decider[C, S, E], events: Iterable[E], state: S | None = None) -> S:
    """The state after `events`, which follow `state` (by default the initial one). Raises ImpossibleHistory."""
    folded = decider.initial if state is None else state
    for event in events:
        folded = decider.evolve(folded, event)
    return folded
