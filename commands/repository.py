"""Aggregates in the log: loaded by folding their stream, appended to at the revision that was decided on.

The folded state of recently used aggregates is kept in memory. It does no harm if that is behind the log: an append
states the revision that it expects.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Collection, Sequence
from typing import Final, Generic, TypeVar
from uuid import UUID

import msgspec

from commands import messages
from domain.decider import Command, Decider, Event
from eventstore.store import METASTREAM, NO_STREAM, Appended, EventStore, NewEvent, Recorded, StoreUnavailable
from eventstore.streams import check_whole, next_state, readable

KEPT: Final = 2_000
"""How many aggregates are kept in memory, each with its newest events: 10 to 40 KB for an account."""

_PAGE: Final = 256

C = TypeVar("C", bound=Command)
S = TypeVar("S")
E = TypeVar("E", bound=Event)


class Loaded(msgspec.Struct, Generic[S], frozen=True):
    """An aggregate's state at a revision of its stream."""

    state: S
    revision: int


class Found(msgspec.Struct, Generic[E], frozen=True):
    """An event, and its place in the log."""

    event: E
    revision: int
    position: int


class Repository(Generic[C, S, E]):
    """Raises, in addition to what each method says: StoreUnavailable, StreamStopped."""

    def __init__(self, decider: Decider[C, S, E], store: EventStore, *, kept: int = KEPT) -> None:
        self._decider = decider
        self._store = store
        self._most = kept
        self._kept: OrderedDict[str, Loaded[S]] = OrderedDict()
        self._new: Final[Loaded[S]] = Loaded(decider.initial, NO_STREAM)
        self.forgotten = 0
        """How often other programs changed streams. What was read before the last time is not kept."""

    def kept(self, aggregate_id: str) -> Loaded[S] | None:
        """The state in memory, which may be behind the log."""
        return self._kept.get(aggregate_id)

    async def load(self, aggregate_id: str) -> Loaded[S]:
        """The state in memory, brought up to what the log holds now.

        The last event in memory is read too: if it is not there, the log was set back, and is read from the beginning.
        """
        kept, forgotten = self._kept.get(aggregate_id), self.forgotten
        if kept is None:
            loaded = await self._load_whole(aggregate_id)
        else:
            tail = await self._store.read_stream(self._decider.stream(aggregate_id), start=kept.revision)
            if not tail or tail[0].revision != kept.revision:
                self._kept.pop(aggregate_id, None)
                return await self.load(aggregate_id)
            loaded = self._folded(kept, tail[1:])
        self.keep(aggregate_id, loaded, forgotten)
        return loaded

    async def _load_whole(self, aggregate_id: str) -> Loaded[S]:
        """From the stream, and from its metadata: a stream that others deleted or limited is not used."""
        stream = self._decider.stream(aggregate_id)
        records, metadata = await asyncio.gather(
            self._store.read_stream(stream),
            self._store.read_stream(f"{METASTREAM}{stream}", limit=1, backwards=True),
        )
        if not records and not metadata:  # it may have been deleted between the two
            metadata = await self._store.read_stream(f"{METASTREAM}{stream}", limit=1, backwards=True)
        check_whole(stream, records, metadata)
        return self._folded(self._new, records)

    async def append(self, aggregate_id: str, events: Sequence[NewEvent], expected: int) -> Appended:
        """Raises WrongRevision, StoreRefused, OutcomeUnknown: see the port."""
        return await self._store.append(self._decider.stream(aggregate_id), events, expected=expected)

    def keep(self, aggregate_id: str, loaded: Loaded[S], forgotten: int) -> None:
        """Keep `loaded` in memory, unless a later state is kept already.

        `forgotten` is from before it was read: the stream may have been changed in the meantime.
        """
        if forgotten != self.forgotten:
            self._kept.pop(aggregate_id, None)
        elif (
            loaded.revision >= self._kept.get(aggregate_id, self._new).revision
            and loaded.revision != NO_STREAM
        ):
            self._kept[aggregate_id] = loaded
            self._kept.move_to_end(aggregate_id)
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def forget(self, aggregate_id: str) -> None:
        """Another program changed the stream."""
        self.forgotten += 1
        self._kept.pop(aggregate_id, None)

    def forget_all(self) -> None:
        self.forgotten += 1
        self._kept.clear()

    async def effects(self, aggregate_id: str, effect_ids: Collection[UUID]) -> dict[UUID, Found[E]]:
        """The last event of each effect.

        Raises StoreUnavailable if one is missing. Then the state in memory, which contains it, is dropped.
        """
        found = await self.search(aggregate_id, effect_ids)
        if len(found) < len(set(effect_ids)):
            self._kept.pop(aggregate_id, None)
            raise StoreUnavailable(messages.log_set_back(self._decider.stream(aggregate_id)))
        return found

    async def search(self, aggregate_id: str, effect_ids: Collection[UUID]) -> dict[UUID, Found[E]]:
        """The last event of each effect that the stream has; it is read from its end until all are found."""
        missing, found, start = set(effect_ids), dict[UUID, Found[E]](), None
        stream = self._decider.stream(aggregate_id)
        while missing:
            page = await self._store.read_stream(stream, start=start, limit=_PAGE, backwards=True)
            for recorded in page:
                event: E = readable(recorded).event
                if event.effect_id in missing:
                    missing.remove(event.effect_id)
                    found[event.effect_id] = Found(event, recorded.revision, recorded.position)
            if not page or page[-1].revision == 0:
                break
            start = page[-1].revision - 1
        return found

    def _folded(self, loaded: Loaded[S], tail: Sequence[Recorded]) -> Loaded[S]:
        state = loaded.state
        revision = loaded.revision
        for recorded in tail:
            _, state = next_state(recorded, revision, state, self._decider.evolve)
            revision = recorded.revision
        return Loaded(state, revision)
