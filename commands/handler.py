"""What happens to a command: decide, append; decide again after a conflict; one effect per command id."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Generic, TypeVar
from uuid import UUID

import msgspec

from commands import messages
from commands.cache import Cache, Loaded
from commands.deciding import NO_TERMS, Decided, Terms, WrongVersion, decide
from commands.repository import Found, Repository
from commands.snapshots import Snapshots
from commands.turns import Queue, QueueFull, Turns, pause
from domain.decider import Command, Decider, Event
from domain.errors import DomainError
from eventstore.codec import Metadata, encode
from eventstore.store import Appended, EventStore, NewEvent, OutcomeUnknown, WrongRevision

CONFLICTS: Final = 250
"""How often a command is decided again because another writer was faster: for about 1 s.

A process whose state is current wins up to 95 of 100 times against one that has to read first, until it meets the other
and makes way.
"""

_QUEUE_LENGTH: Final = 1_024
"""So many commands are booked well within `_QUEUE_SECONDS`."""
_QUEUE_SECONDS: Final = 10.0
_LONGEST_PAUSE: Final = 0.004
"""Seconds. A loser gains nothing by waiting longer: each process has one command on an aggregate at a time."""

C = TypeVar("C", bound=Command)
S = TypeVar("S")
E = TypeVar("E", bound=Event)


class TooContended(Exception):
    """Other writers were faster every time, or too many commands wait. Nothing was booked: repeat with the same id."""


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """Who gave a command, when, and as part of which request: the metadata of its events.

    `correlation_id` is text of the caller's choice; `trace` the caller's trace id and span id, if it sent them.

    `seed`: the ids of the events are made from it instead of the command's id. So, of two callers that give the same
    command at the same time, only one is answered that the command was new.
    """

    command_id: UUID
    correlation_id: str
    causation_id: UUID
    trace: tuple[str, str] | None = None
    actor: str
    at: datetime
    seed: UUID | None = None


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


class Handler(Generic[C, S, E]):
    """Raises, in addition to what each method says: StoreUnavailable, OutcomeUnknown, StreamStopped.

    After OutcomeUnknown or StoreUnavailable, repeating a command with the same id has one effect. Handlers may share
    `cache`.
    """

    def __init__(
        self,
        decider: Decider[C, S, E],
        store: EventStore,
        *,
        cache: Cache | None = None,
        snapshots: Snapshots | None = None,
    ) -> None:
        self._decider = decider
        self._repository = Repository(decider, store, cache=cache, snapshots=snapshots)
        self._turns = Turns(length=_QUEUE_LENGTH, patience=_QUEUE_SECONDS)

    async def handle(
        self, commands: Sequence[C], contexts: Sequence[Context], terms: Terms = NO_TERMS
    ) -> Sequence[Outcome[E]]:
        """Decide commands on one aggregate one after another; append all their events at once, or nothing.

        Outcomes of one append share its position. Raises a DomainError if a rule refuses one, WrongVersion,
        TooContended.
        """
        aggregate_id = _aggregate_of(commands, contexts)
        if terms.dry_run:
            return await self._try(aggregate_id, commands, terms)
        try:
            async with self._turns.turn(aggregate_id) as queue:
                return await self._handle(aggregate_id, commands, contexts, terms, queue)
        except QueueFull as error:
            raise TooContended(messages.too_busy(self._decider.stream(aggregate_id), str(error))) from error

    async def state(self, aggregate_id: str) -> S:
        """The aggregate's state as the log holds it now."""
        return (await self._repository.load(aggregate_id)).state

    async def loaded(self, aggregate_id: str) -> Loaded[S]:
        """The state with the revision and the id of the event that it ends with."""
        return await self._repository.load(aggregate_id)

    async def find(self, aggregate_id: str, effect_id: UUID) -> E | None:
        """The last event of an effect; None if the aggregate's stream has none."""
        found = await self._repository.search(aggregate_id, {effect_id})
        return found[effect_id].event if found else None

    def forget(self, stream: str) -> None:
        """Drop the state in memory of the aggregate with this stream."""
        self._repository.forget(stream.removeprefix(self._decider.stream("")))

    def forget_all(self) -> None:
        self._repository.forget_all()

    async def close(self) -> None:
        """The store stays open: it was handed in, and may be shared."""
        await self._repository.close()

    async def _try(self, aggregate_id: str, commands: Sequence[C], terms: Terms) -> Sequence[Outcome[E]]:
        loaded = await self._repository.load(aggregate_id)
        decided = self._decided(commands, loaded, terms)
        return await self._outcomes(aggregate_id, commands, decided, [], None)

    async def _handle(
        self,
        aggregate_id: str,
        commands: Sequence[C],
        contexts: Sequence[Context],
        terms: Terms,
        queue: Queue,
    ) -> Sequence[Outcome[E]]:
        for _ in range(CONFLICTS):
            forgotten = self._repository.forgotten
            decided = await self._decide(aggregate_id, commands, terms)
            events = _encoded(decided.events, contexts)
            try:
                appended = await self._append(aggregate_id, events, decided.before)
            except WrongRevision:
                queue.met_rival()
                await pause(_LONGEST_PAUSE)
                await self._repository.load(aggregate_id)
                continue
            self._repository.keep(aggregate_id, decided.after(events), forgotten)
            return await self._outcomes(aggregate_id, commands, decided, events, appended)
        raise TooContended(messages.changed_too_often(self._decider.stream(aggregate_id), CONFLICTS))

    async def _decide(self, aggregate_id: str, commands: Sequence[C], terms: Terms) -> Decided[S, E]:
        """A refusal counts only if the log's state leads to it."""
        kept = self._repository.kept(aggregate_id)
        if kept is None and terms.is_new:
            kept = self._repository.new
        if kept is not None:
            try:
                return self._decided(commands, kept, terms)
            except (DomainError, WrongVersion):
                pass  # the state in memory may be behind the log
        loaded = await self._repository.load(aggregate_id)
        return self._decided(commands, loaded, terms)

    def _decided(self, commands: Sequence[C], loaded: Loaded[S], terms: Terms) -> Decided[S, E]:
        stream = self._decider.stream(commands[0].aggregate_id)
        return decide(self._decider, stream, commands, loaded, terms)

    async def _append(
        self, aggregate_id: str, events: Sequence[NewEvent], before: Loaded[S]
    ) -> Appended | None:
        """The place of the last event; None if there was nothing to append."""
        if not events:
            return None
        try:
            return await self._repository.append(aggregate_id, events, before.revision)
        except OutcomeUnknown:
            await pause(_LONGEST_PAUSE)
            return await self._repository.append(aggregate_id, events, before.revision)

    async def _outcomes(
        self,
        aggregate_id: str,
        commands: Sequence[C],
        decided: Decided[S, E],
        encoded: Sequence[NewEvent],
        appended: Appended | None,
    ) -> Sequence[Outcome[E]]:
        """`encoded` are the events as they were appended."""
        position = appended.position if appended else None
        found, count = dict[UUID, Found[E]](), 0
        for command, events in zip(commands, decided.events, strict=True):
            count += len(events)
            if events:
                event_id = encoded[count - 1].id if encoded else None
                found[command.effect_id] = Found(
                    events[-1], event_id, decided.before.revision + count, position
                )
        if not all(decided.events):
            known = {command.effect_id for command in commands} - found.keys()
            found |= await self._repository.effects(aggregate_id, known)
        return [
            _outcome(found[command.effect_id], repeated=not events)
            for command, events in zip(commands, decided.events, strict=True)
        ]


def _encoded(decided: Sequence[Sequence[Event]], contexts: Sequence[Context]) -> list[NewEvent]:
    return [
        encode(event, _metadata(context), index, context.seed)
        for events, context in zip(decided, contexts, strict=True)
        for index, event in enumerate(events)
    ]


def _outcome(found: Found[E], *, repeated: bool) -> Outcome[E]:
    return Outcome(
        event=found.event,
        event_id=found.event_id,
        revision=found.revision,
        position=found.position,
        repeated=repeated,
    )


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
