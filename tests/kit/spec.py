"""Given what happened, when a command is given, then this follows; and given again, nothing more does.

given(opened(), deposited(100)).when(withdraw(30)).then(withdrew(30, balance=70))

`given` is about accounts. `rules(DECIDER)` makes the one of another aggregate.
"""

from typing import Final, Generic, Protocol, TypeVar

import pytest

from domain.accounts import ACCOUNTS, Account, AccountEvent
from domain.decider import Command, Decider, Event
from domain.decider import fold as fold_all
from domain.errors import DomainError

C = TypeVar("C", bound=Command)
S = TypeVar("S")
E = TypeVar("E", bound=Event)


def fold(*events: AccountEvent) -> Account:
    return fold_all(ACCOUNTS, events)


class Given(Generic[C, S, E]):
    def __init__(self, decider: Decider[C, S, E], events: tuple[E, ...]) -> None:
        self._decider = decider
        self._events = events

    def when(self, command: C) -> "When[C, S, E]":
        return When(self._decider, self._events, command)


class When(Generic[C, S, E]):
    def __init__(self, decider: Decider[C, S, E], events: tuple[E, ...], command: C) -> None:
        self._decider = decider
        self._events = events
        self._command = command

    def then(self, *expected: E) -> None:
        """The events are exactly `expected`, and deciding the command again afterwards gives none."""
        assert self._decided_after(*self._events) == expected
        assert self._decided_after(*self._events, *expected) == ()

    def events(self) -> tuple[E, ...]:
        return self._decided_after(*self._events)

    def then_nothing(self) -> None:
        self.then()

    def then_raises(self, refusal: type[DomainError], *figures: str) -> None:
        """The sentence of the refusal has `figures` in it."""
        with pytest.raises(refusal) as caught:
            self._decided_after(*self._events)
        assert type(caught.value) is refusal
        sentence = str(caught.value)
        assert sentence.endswith(".")
        assert [figure for figure in figures if figure not in sentence] == []

    def _decided_after(self, *events: E) -> tuple[E, ...]:
        return self._decider.decide(self._command, fold_all(self._decider, events))


class GivenOf(Protocol[C, S, E]):
    def __call__(self, *events: E) -> Given[C, S, E]: ...


def rules(decider: Decider[C, S, E]) -> GivenOf[C, S, E]:
    """The `given` of an aggregate."""

    def given(*events: E) -> Given[C, S, E]:
        return Given(decider, events)

    return given


given: Final = rules(ACCOUNTS)
