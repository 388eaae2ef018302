"""Given what happened to a transfer, when an account answers, then this is recorded, and that is asked for next.

process(requested()).when(sent()).then(debited()).asks(receive())

Given again, also by a process manager that was asleep in between, an answer changes nothing.
"""

from domain.transfers import AccountStep, Answer, TransferEvent
from tests.kit.transfers import asked_after, given, record


class Process:
    """A process manager that sees these events."""

    def __init__(self, *events: TransferEvent) -> None:
        self._events = events

    def when(self, answer: Answer) -> "Answered":
        return Answered(self._events, answer)

    def asks(self, step: AccountStep) -> None:
        assert asked_after(*self._events) == step

    def asks_nothing(self) -> None:
        assert asked_after(*self._events) is None


class Answered:
    def __init__(self, events: tuple[TransferEvent, ...], answer: Answer) -> None:
        self._events = events
        self._answer = answer

    def then(self, *expected: TransferEvent) -> Process:
        """`expected` is what is recorded. The process manager that comes next sees it too."""
        given(*self._events).when(record(self._answer)).then(*expected)
        return Process(*self._events, *expected)


process = Process
