"""Aggregates in the log: loaded by folding their stream, appended to at the revision that was decided on.

A load begins with the state in memory, or else with a snapshot, or else with nothing, and folds what the log has in
addition. It does no harm if a state in memory is behind the log: an append states the revision that it expects.
"""

import asyncio
import logging
from collections.abc import Collection, Sequence
from typing import Final, Generic, TypeVar
from uuid import UUID

import msgspec

from commands import messages
from commands.archive import Archive
from commands.cache import Cache, Loaded
from commands.snapshots import Snapshots
from domain.decider import Command, Decider, Event
from eventstore.store import (
    METASTREAM,
    NO_STREAM,
    Appended,
    EventStore,
    NewEvent,
    Recorded,
    StoreUnavailable,
    StreamStopped,
)
from eventstore.streams import check_whole, next_state, readable

log: Final = logging.getLogger("daybook.snapshots")

_FIRST_PAGE: Final = 16
_LONGEST_PAGE: Final = 1_024
_AT_A_STRETCH: Final = 256
"""How many events are folded before other tasks of the process get a turn: about 2 ms."""

C = TypeVar("C", bound=Command)
S = TypeVar("S")
E = TypeVar("E", bound=Event)


class Found(msgspec.Struct, Generic[E], frozen=True):
    """An event, its id, and its place in the log. `event_id` and `position` are None if it was not appended."""

    event: E
    event_id: UUID | None
    revision: int
    position: int | None


class Repository(Generic[C, S, E]):
    """Raises, in addition to what each method says: StoreUnavailable, StreamStopped."""

    def __init__(
        self,
        decider: Decider[C, S, E],
        store: EventStore,
        *,
        cache: Cache | None = None,
        snapshots: Snapshots | None = None,
    ) -> None:
        self._decider = decider
        self._store = store
        self._cache = Cache() if cache is None else cache
        self._archive = Archive(decider, snapshots)
        self.new: Final[Loaded[S]] = Loaded(decider.initial, NO_STREAM, "")
        self.forgotten = 0
        """How often other programs changed streams. What was read before the last time is not kept."""

    def kept(self, aggregate_id: str) -> Loaded[S] | None:
        """The state in memory, which may be behind the log."""
        return self._cache.get(self._decider.stream(aggregate_id))

    async def load(self, aggregate_id: str) -> Loaded[S]:
        """The state that the log holds now."""
        stream, forgotten = self._decider.stream(aggregate_id), self.forgotten
        kept = self._cache.get(stream)
        loaded = None
        if kept is not None:
            loaded = await self._continued(kept, await self._store.read_stream(stream, start=kept.revision))
        if loaded is None:
            self._cache.drop(stream)
            loaded = await self._load_cold(stream)
        self.keep(aggregate_id, loaded, forgotten)
        return loaded

    async def _load_cold(self, stream: str) -> Loaded[S]:
        snapshot = await self._archive.get(stream)
        if snapshot is not None:
            loaded = await self._continued(snapshot, await self._read(stream, snapshot.revision))
            if loaded is not None:
                return loaded
            log.debug(messages.snapshot_ignored(stream, messages.SNAPSHOT_NOT_OF_THIS_LOG))
        return await self._folded(self.new, await self._read(stream, None))

    async def _continued(self, before: Loaded[S], records: Sequence[Recorded]) -> Loaded[S] | None:
        """None if `records` do not begin with the event that `before` ends with: the log was set back."""
        if not records or (records[0].revision, records[0].event_id) != (before.revision, before.last):
            return None
        return await self._folded(before, records[1:])

    async def _read(self, stream: str, start: int | None) -> list[Recorded]:
        """The stream, unless its metadata says that another program deleted or limited it."""
        metastream = f"{METASTREAM}{stream}"
        records, metadata = await asyncio.gather(
            self._store.read_stream(stream, start=start),
            self._store.read_stream(metastream, limit=1, backwards=True),
        )
        if not records and not metadata:  # it may have been deleted between the two
            metadata = await self._store.read_stream(metastream, limit=1, backwards=True)
        check_whole(stream, records, metadata)
        return records

    async def append(self, aggregate_id: str, events: Sequence[NewEvent], expected: int) -> Appended:
        """Raises WrongRevision, StoreRefused, OutcomeUnknown: see the port."""
        return await self._store.append(self._decider.stream(aggregate_id), events, expected=expected)

    def keep(self, aggregate_id: str, loaded: Loaded[S], forgotten: int) -> None:
        """Keep `loaded` in memory, unless a later state is kept already.

        `forgotten` is from before it was read: the stream may have been changed in the meantime.
        """
        stream = self._decider.stream(aggregate_id)
        if forgotten != self.forgotten:
            self._cache.drop(stream)
        elif loaded.revision != NO_STREAM and loaded.revision >= self._revision_kept(stream):
            if self._archive.is_due(loaded):
                self._archive.take(stream, loaded)
                loaded = msgspec.structs.replace(loaded, snapshot=loaded.revision)
            self._cache.put(stream, loaded)

    def _revision_kept(self, stream: str) -> int:
        kept = self._cache.get(stream)
        return NO_STREAM if kept is None else kept.revision

    def forget(self, aggregate_id: str) -> None:
        """Another program changed the stream."""
        self.forgotten += 1
        self._cache.drop(self._decider.stream(aggregate_id))

    def forget_all(self) -> None:
        self.forgotten += 1
        self._cache.clear()

    def follow(self, recorded: Recorded) -> None:
        """The log has `recorded`, of whichever process: the state in memory that it comes next after is carried on.

        A state that is further behind stays, for a load to begin with. Snapshots are taken by those who append.
        """
        kept = self._cache.get(recorded.stream)
        if kept is None or recorded.revision > kept.revision + 1:
            return
        if recorded.revision == kept.revision + 1:
            self._carry_on(kept, recorded)
        elif recorded.revision == kept.revision and recorded.event_id != kept.last:
            self._cache.drop(recorded.stream)  # the log was set back

    def _carry_on(self, kept: Loaded[S], recorded: Recorded) -> None:
        try:
            _, state = next_state(recorded, kept.revision, kept.state, self._decider.evolve)
        except StreamStopped:
            self._cache.drop(recorded.stream)  # the next load says why
        else:
            after = Loaded(state, recorded.revision, recorded.event_id, kept.snapshot)
            self._cache.put(recorded.stream, after)

    async def effects(self, aggregate_id: str, effect_ids: Collection[UUID]) -> dict[UUID, Found[E]]:
        """The last event of each effect.

        Raises StoreUnavailable if one is missing. Then the state in memory, which contains it, is dropped.
        """
        stream = self._decider.stream(aggregate_id)
        found = await self.search(aggregate_id, effect_ids)
        if len(found) < len(set(effect_ids)):
            self._cache.drop(stream)
            raise StoreUnavailable(messages.log_set_back(stream))
        return found

    async def search(self, aggregate_id: str, effect_ids: Collection[UUID]) -> dict[UUID, Found[E]]:
        """The last event of each effect that the stream has; it is read from its end until all are found."""
        missing, found, start, limit = set(effect_ids), dict[UUID, Found[E]](), None, _FIRST_PAGE
        stream = self._decider.stream(aggregate_id)
        while missing:
            page = await self._store.read_stream(stream, start=start, limit=limit, backwards=True)
            for recorded in page:
                event: E = readable(recorded).event
                if event.effect_id in missing:
                    missing.remove(event.effect_id)
                    found[event.effect_id] = Found(
                        event, UUID(recorded.event_id), recorded.revision, recorded.position
                    )
            if not page or page[-1].revision == 0:
                break
            start, limit = page[-1].revision - 1, min(4 * limit, _LONGEST_PAGE)
        return found

    async def _folded(self, loaded: Loaded[S], tail: Sequence[Recorded]) -> Loaded[S]:
        state, revision, last = loaded.state, loaded.revision, loaded.last
        for number, recorded in enumerate(tail, 1):
            _, state = next_state(recorded, revision, state, self._decider.evolve)
            revision, last = recorded.revision, recorded.event_id
            if number % _AT_A_STRETCH == 0:
                await asyncio.sleep(0)
        return Loaded(state, revision, last, loaded.snapshot)

    async def close(self) -> None:
        await self._archive.close()
