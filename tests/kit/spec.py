"""Given what happened, when a command is given, then this follows; and given again, nothing more does.

given(opened(), deposited(100)).when(withdraw(30)).then(withdrew(30, balance=70))
"""

import pytest

from domain.accounts import ACCOUNTS, Account, AccountCommand, AccountEvent, decide
from domain.decider import fold as fold_all
from domain.errors import DomainError


def fold(*events: AccountEvent) -> Account:
    return fold_all(ACCOUNTS, events)


class Given:
    def __init__(self, *events: AccountEvent) -> None:
        self._events = events

    def when(self, command: AccountCommand) -> "When":
        return When(self._events, command)


class When:
    def __init__(self, events: tuple[AccountEvent, ...], command: AccountCommand) -> None:
        self._events = events
        self._command = command

    def then(self, *expected: AccountEvent) -> None:
        """The events are exactly `expected`, and deciding the command again afterwards gives none."""
        state = fold(*self._events)
        assert decide(self._command, state) == expected
        again = fold(*self._events, *expected)
        assert decide(self._command, again) == ()

    def events(self) -> tuple[AccountEvent, ...]:
        return decide(self._command, fold(*self._events))

    def then_nothing(self) -> None:
        self.then()

    def then_raises(self, refusal: type[DomainError]) -> None:
        with pytest.raises(refusal) as caught:
            decide(self._command, fold(*self._events))
        assert type(caught.value) is refusal
        assert str(caught.value).endswith(".")


given = Given
