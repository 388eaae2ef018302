"""What happens to a command: decide, append; decide again after a conflict; one effect per command id."""

import asyncio
import random
from collections.abc import Sequence
from datetime import datetime
from typing import Final, Generic, TypeVar
from uuid import UUID

import msgspec

from commands import messages
from commands.repository import KEPT, Found, Loaded, Repository
from commands.turns import QueueFull, Turns
from domain.decider import Command, Decider, Event, fold
from domain.errors import DomainError
from eventstore.codec import Metadata, encode
from eventstore.store import Appended, EventStore, NewEvent, OutcomeUnknown, WrongRevision

CONFLICTS: Final = 10
"""How often a command is decided again because another writer was faster."""

_QUEUE_LENGTH: Final = 256
_QUEUE_SECONDS: Final = 10.0
_LONGEST_PAUSE: Final = 0.1

C = TypeVar("C", bound=Command)
S = TypeVar("S")
E = TypeVar("E", bound=Event)


class TooContended(Exception):
    """Other writers were faster every time, or too many commands wait. Nothing was booked: repeat with the same id."""


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """Who gave a command, when, and as part of which request: the metadata of its events.

    `correlation_id` is text of the caller's choice; `trace` the caller's trace id and span id, if it sent them.
    """

    command_id: UUID
    correlation_id: str
    causation_id: UUID
    trace: tuple[str, str] | None = None
    actor: str
    at: datetime


class Outcome(msgspec.Struct, Generic[E], frozen=True, kw_only=True):
    """The last event of a command, and its place in the log.

    `repeated`: the command was decided before, and this was its outcome. A read model that has reached `position` shows
    the command's effect.
    """

    event: E
    revision: int
    position: int
    repeated: bool


class _Decided(msgspec.Struct, Generic[S, E], frozen=True):
    """The events of each command, in the order of the commands, and the state after them."""

    events: Sequence[tuple[E, ...]]
    after: Loaded[S]


class Handler(Generic[C, S, E]):
    """Raises, in addition to what each method says: StoreUnavailable, OutcomeUnknown, StreamStopped.

    After OutcomeUnknown or StoreUnavailable, repeating a command with the same id has one effect.
    """

    def __init__(self, decider: Decider[C, S, E], store: EventStore, *, kept: int = KEPT) -> None:
        self._decider = decider
        self._repository = Repository(decider, store, kept=kept)
        self._turns = Turns(length=_QUEUE_LENGTH, patience=_QUEUE_SECONDS)

    async def handle(self, commands: Sequence[C], contexts: Sequence[Context]) -> Sequence[Outcome[E]]:
        """Decide commands on one aggregate one after another; append all their events at once, or nothing.

        Outcomes of one append share its position. Raises a DomainError if a rule refuses one, TooContended.
        """
        aggregate_id = _aggregate_of(commands, contexts)
        stream = self._decider.stream(aggregate_id)
        try:
            async with self._turns.turn(aggregate_id):
                return await self._handle(aggregate_id, commands, contexts)
        except QueueFull as error:
            raise TooContended(messages.too_busy(stream, str(error))) from error

    async def state(self, aggregate_id: str) -> S:
        """The aggregate's state as the log holds it now."""
        return (await self._repository.load(aggregate_id)).state

    async def find(self, aggregate_id: str, effect_id: UUID) -> E | None:
        """The last event of an effect; None if the aggregate's stream has none."""
        found = await self._repository.search(aggregate_id, {effect_id})
        return found[effect_id].event if found else None

    def forget(self, stream: str) -> None:
        """Drop the state in memory of the aggregate with this stream."""
        self._repository.forget(stream.removeprefix(self._decider.stream("")))

    def forget_all(self) -> None:
        self._repository.forget_all()

    async def _handle(
        self, aggregate_id: str, commands: Sequence[C], contexts: Sequence[Context]
    ) -> Sequence[Outcome[E]]:
        for conflicts in range(CONFLICTS):
            forgotten = self._repository.forgotten
            decided, expected = await self._decide(aggregate_id, commands)
            try:
                appended = await self._append(aggregate_id, decided, contexts, expected)
            except WrongRevision:
                await _pause(conflicts)
                await self._repository.load(aggregate_id)
                continue
            self._repository.keep(aggregate_id, decided.after, forgotten)
            return await self._outcomes(aggregate_id, commands, decided, appended)
        raise TooContended(messages.changed_too_often(self._decider.stream(aggregate_id), CONFLICTS))

    async def _decide(self, aggregate_id: str, commands: Sequence[C]) -> tuple[_Decided[S, E], int]:
        """The events, and the revision they were decided on. A refusal counts only if the log's state leads to it."""
        kept = self._repository.kept(aggregate_id)
        if kept is not None:
            try:
                return self._decided(commands, kept), kept.revision
            except DomainError:
                pass  # the state in memory may be behind the log
        loaded = await self._repository.load(aggregate_id)
        return self._decided(commands, loaded), loaded.revision

    def _decided(self, commands: Sequence[C], loaded: Loaded[S]) -> _Decided[S, E]:
        state = loaded.state
        decided = []
        for command in commands:
            events = self._decider.decide(command, state)
            state = fold(self._decider, events, state)
            decided.append(events)
        return _Decided(decided, Loaded(state, loaded.revision + sum(map(len, decided))))

    async def _append(
        self, aggregate_id: str, decided: _Decided[S, E], contexts: Sequence[Context], expected: int
    ) -> Appended | None:
        """The place of the last event; None if there was nothing to append."""
        new = [
            encode(event, _metadata(context), index)
            for events, context in zip(decided.events, contexts, strict=True)
            for index, event in enumerate(events)
        ]
        return await self._surely(aggregate_id, new, expected) if new else None

    async def _surely(self, aggregate_id: str, events: Sequence[NewEvent], expected: int) -> Appended:
        try:
            return await self._repository.append(aggregate_id, events, expected)
        except OutcomeUnknown:
            await _pause(CONFLICTS)
            return await self._repository.append(aggregate_id, events, expected)

    async def _outcomes(
        self,
        aggregate_id: str,
        commands: Sequence[C],
        decided: _Decided[S, E],
        appended: Appended | None,
    ) -> Sequence[Outcome[E]]:
        known = [
            command.effect_id for command, events in zip(commands, decided.events, strict=True) if not events
        ]
        before = await self._repository.effects(aggregate_id, known)
        revision = decided.after.revision - sum(map(len, decided.events))
        outcomes = []
        for command, events in zip(commands, decided.events, strict=True):
            revision += len(events)
            found = before.get(command.effect_id)
            if found is None:
                assert events
                assert appended
                found = Found(events[-1], revision, appended.position)
            outcomes.append(_outcome(found, repeated=not events))
        return outcomes


def _outcome(found: Found[E], *, repeated: bool) -> Outcome[E]:
    return Outcome(event=found.event, revision=found.revision, position=found.position, repeated=repeated)


def _aggregate_of(commands: Sequence[Command], contexts: Sequence[Context]) -> str:
    aggregates = {command.aggregate_id for command in commands}
    if len(aggregates) != 1:
        raise ValueError(messages.several_aggregates(len(aggregates)))
    if [command.command_id for command in commands] != [context.command_id for context in contexts]:
        raise ValueError(messages.CONTEXT_OF_ANOTHER_COMMAND)
    return aggregates.pop()


def _metadata(context: Context) -> Metadata:
    trace_id, span_id = context.trace or (msgspec.UNSET, msgspec.UNSET)
    return Metadata(
        correlation_id=context.correlation_id,
        causation_id=context.causation_id,
        command_id=context.command_id,
        actor=context.actor,
        at=context.at,
        trace_id=trace_id,
        span_id=span_id,
    )


async def _pause(conflicts: int) -> None:
    longest = min(_LONGEST_PAUSE, 0.001 * 2**conflicts)
    await asyncio.sleep(random.uniform(0, longest))  # noqa: S311  jitter is not a secret
