"""What happens to commands: decide, append; decide again after a conflict; one effect per command id."""

from collections.abc import Mapping, Sequence
from typing import Final, Generic, TypeVar
from uuid import UUID

from commands import messages
from commands.booking import Booking, Outcome, Request
from commands.cache import Cache, Loaded
from commands.context import Context, encoded
from commands.deciding import NO_TERMS, Decided, Terms, decide
from commands.repository import Found, Repository
from commands.snapshots import Snapshots
from commands.turns import QueueFull, Rivals, Turns, pause
from domain.decider import Command, Decider, Event
from eventstore.store import (
    AccessRefused,
    Appended,
    EventStore,
    NewEvent,
    OutcomeUnknown,
    Recorded,
    StoreError,
    StoreRefused,
    WrongRevision,
)

CONFLICTS: Final = 250
"""How often a command is decided again because another writer was faster: for about 1 s.

A process whose state is current wins up to 95 of 100 times against one that has to read first, until it meets the other
and makes way.
"""

_QUEUE_LENGTH: Final = 1_024
"""So many commands are booked well within `_QUEUE_SECONDS`."""
_QUEUE_SECONDS: Final = 10.0
_TOGETHER: Final = 64
"""So many requests on one aggregate share an append, if they come while another append of it is under way."""
_LONGEST_PAUSE: Final = 0.004
"""Seconds. A loser gains nothing by waiting longer: each process has one append on an aggregate at a time."""

C = TypeVar("C", bound=Command)
S = TypeVar("S")
E = TypeVar("E", bound=Event)


class TooContended(Exception):
    """Other writers were faster every time, or too many commands wait. Nothing was booked: repeat with the same id."""


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
        self._turns = Turns[Request[C], Sequence[Outcome[E]]](
            self._book, length=_QUEUE_LENGTH, patience=_QUEUE_SECONDS, together=_TOGETHER
        )

    async def handle(
        self, commands: Sequence[C], contexts: Sequence[Context], terms: Terms = NO_TERMS
    ) -> Sequence[Outcome[E]]:
        """Decide commands on one aggregate one after another; append all their events at once, or nothing.

        Requests that wait for the same aggregate share an append; what is refused of them is left out. Outcomes of one
        append share its position. Raises a DomainError if a rule refuses one, WrongVersion, TooContended.
        """
        aggregate_id = _aggregate_of(commands, contexts)
        request = Request(commands, contexts, terms)
        if terms.dry_run:
            return await self._try(aggregate_id, request)
        try:
            return await self._turns.ask(aggregate_id, request)
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

    def follow(self, recorded: Recorded) -> None:
        self._repository.follow(recorded)

    async def close(self) -> None:
        """The store stays open: it was handed in, and may be shared."""
        await self._turns.close()
        await self._repository.close()

    async def _try(self, aggregate_id: str, request: Request[C]) -> Sequence[Outcome[E]]:
        decided = self._decided(request, await self._repository.load(aggregate_id))
        booking = Booking(request, decided, [])
        return booking.outcomes(None, await self._repository.effects(aggregate_id, booking.repeated))

    async def _book(
        self, aggregate_id: str, requests: Sequence[Request[C]], rivals: Rivals
    ) -> Sequence[Sequence[Outcome[E]] | Exception]:
        """The outcomes of each request, or why it is refused."""
        for _ in range(CONFLICTS):
            forgotten = self._repository.forgotten
            loaded, decided = await self._decide(aggregate_id, requests)
            bookings = [each for each in decided if isinstance(each, Booking)]
            events = [event for booking in bookings for event in booking.encoded]
            try:
                appended = await self._append(aggregate_id, events, loaded)
            except WrongRevision:
                rivals.met()
                await pause(_LONGEST_PAUSE)
                await self._repository.load(aggregate_id)
                continue
            except StoreRefused as error:
                if len(requests) == 1 or isinstance(error, AccessRefused):
                    raise
                return [await self._book_alone(aggregate_id, each, rivals) for each in requests]
            self._repository.keep(aggregate_id, bookings[-1].after if bookings else loaded, forgotten)
            earlier = await self._earlier(aggregate_id, bookings)
            return [_answer(each, appended, earlier) for each in decided]
        raise TooContended(messages.changed_too_often(self._decider.stream(aggregate_id), CONFLICTS))

    async def _book_alone(
        self, aggregate_id: str, request: Request[C], rivals: Rivals
    ) -> Sequence[Outcome[E]] | Exception:
        """What is too large together may not be too large one by one."""
        try:
            (answer,) = await self._book(aggregate_id, [request], rivals)
        except (StoreError, TooContended) as error:
            return error
        return answer

    async def _decide(
        self, aggregate_id: str, requests: Sequence[Request[C]]
    ) -> tuple[Loaded[S], Sequence[Booking[C, S, E] | Exception]]:
        """On which state, and what each request leads to. A refusal counts only if the log's state leads to it."""
        kept = self._repository.kept(aggregate_id)
        if kept is None and all(request.terms.is_new for request in requests):
            kept = self._repository.new
        if kept is not None:
            decided = self._decided_all(requests, kept)
            if not any(isinstance(each, Exception) for each in decided):
                return kept, decided  # otherwise the state in memory may be behind the log
        loaded = await self._repository.load(aggregate_id)
        return loaded, self._decided_all(requests, loaded)

    def _decided_all(
        self, requests: Sequence[Request[C]], loaded: Loaded[S]
    ) -> Sequence[Booking[C, S, E] | Exception]:
        """Each on what those before it lead to."""
        decided: list[Booking[C, S, E] | Exception] = []
        for request in requests:
            try:
                made = self._decided(request, loaded)
                booking = Booking(request, made, encoded(made.events, request.contexts))
            except Exception as refusal:  # of this request; the others have nothing to do with it
                decided.append(refusal)
            else:
                decided.append(booking)
                loaded = booking.after
        return decided

    def _decided(self, request: Request[C], loaded: Loaded[S]) -> Decided[S, E]:
        stream = self._decider.stream(request.commands[0].aggregate_id)
        return decide(self._decider, stream, request.commands, loaded, request.terms)

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

    async def _earlier(
        self, aggregate_id: str, bookings: Sequence[Booking[C, S, E]]
    ) -> Mapping[UUID, Found[E]] | StoreError:
        """The effects of commands that were decided before."""
        ids = {effect_id for booking in bookings for effect_id in booking.repeated}
        try:
            return await self._repository.effects(aggregate_id, ids) if ids else {}
        except StoreError as error:
            return error


def _answer(
    decided: Booking[C, S, E] | Exception,
    appended: Appended | None,
    earlier: Mapping[UUID, Found[E]] | StoreError,
) -> Sequence[Outcome[E]] | Exception:
    if isinstance(decided, Exception):
        return decided
    if not isinstance(earlier, StoreError):
        return decided.outcomes(appended, earlier)
    return earlier if decided.repeated else decided.outcomes(appended, {})


def _aggregate_of(commands: Sequence[Command], contexts: Sequence[Context]) -> str:
    aggregates = {command.aggregate_id for command in commands}
    if len(aggregates) != 1:
        raise ValueError(messages.several_aggregates(len(aggregates)))
    if [command.command_id for command in commands] != [context.command_id for context in contexts]:
        raise ValueError(messages.CONTEXT_OF_ANOTHER_COMMAND)
    return aggregates.pop()
