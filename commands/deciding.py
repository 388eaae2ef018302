"""Commands decided on one state: their events, a refusal, or that it is not at a revision that the caller named."""

from collections.abc import Collection, Sequence
from typing import Final, Generic, TypeVar

import msgspec

from commands import messages
from commands.cache import Loaded
from domain.decider import Command, Decider, Event, fold
from domain.errors import CommandRefused, DomainError, InvalidInput
from eventstore.store import NewEvent

C = TypeVar("C", bound=Command)
S = TypeVar("S")
E = TypeVar("E", bound=Event)


ANY: Final = range(2**63)
"""Every revision of an aggregate that has an event."""


class WrongVersion(Exception):
    """The aggregate is not at a revision at which the caller wanted its command booked. Nothing was booked.

    `revision` is the current one of `stream`, NO_STREAM if it has no event.
    """

    def __init__(self, stream: str, revision: int) -> None:
        super().__init__(messages.wrong_version(stream, revision))
        self.stream = stream
        self.revision = revision


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller asks for in addition to its commands.

    `only_at`: the revisions of the stream at which they may be booked, NO_STREAM being "before its first event"; None:
    any. `dry_run`: they are decided on what the log holds now, and nothing is appended. Either way commands that were
    decided before are answered as always.

    `is_new`: the caller has seen that the stream has no event, so that the first try is decided without reading.
    """

    only_at: Collection[int] | None = None
    dry_run: bool = False
    is_new: bool = False


NO_TERMS: Final = Terms()


class Decided(msgspec.Struct, Generic[S, E], frozen=True):
    """The events of each command, in the order of the commands; what they were decided on; the state after them."""

    events: Sequence[tuple[E, ...]]
    before: Loaded[S]
    state: S

    def after(self, events: Sequence[NewEvent]) -> Loaded[S]:
        """`events` as they were appended."""
        if not events:
            return self.before
        last, revision = str(events[-1].id), self.before.revision + len(events)
        return Loaded(self.state, revision, last, self.before.snapshot)


def decide(
    decider: Decider[C, S, E], stream: str, commands: Sequence[C], loaded: Loaded[S], terms: Terms
) -> Decided[S, E]:
    """Raises DomainError, WrongVersion. That comes also instead of a refusal which depends on the state."""
    allowed = terms.only_at is None or loaded.revision in terms.only_at
    wrong = WrongVersion(stream, loaded.revision)
    try:
        decided = _decided(decider, commands, loaded)
    except (CommandRefused, InvalidInput):
        raise
    except DomainError as refusal:
        if allowed:
            raise
        raise wrong from refusal
    if not allowed and any(decided.events):
        raise wrong
    return decided


def _decided(decider: Decider[C, S, E], commands: Sequence[C], loaded: Loaded[S]) -> Decided[S, E]:
    state = loaded.state
    decided = []
    for command in commands:
        events = decider.decide(command, state)
        state = fold(decider, events, state)
        decided.append(events)
    return Decided(decided, loaded, state)
