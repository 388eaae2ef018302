"""The events of a whole stream, and which of them one command led to."""

import asyncio
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from domain.decider import Decider, Event
from eventstore.store import METASTREAM, NO_STREAM, EventStore
from eventstore.streams import check_whole, next_state


async def events_of(store: EventStore, stream: str, decider: Decider[Any, Any, Any]) -> list[Event]:
    """Empty if the stream does not exist. Raises StreamStopped, StoreError."""
    records, metadata = await asyncio.gather(
        store.read_stream(stream),
        store.read_stream(f"{METASTREAM}{stream}", limit=1, backwards=True),
    )
    check_whole(stream, records, metadata)
    state, revision = decider.initial, NO_STREAM
    events = []
    for recorded in records:
        fact, state = next_state(recorded, revision, state, decider.evolve)
        revision = recorded.revision
        events.append(fact.event)
    return events


def split(events: Sequence[Event], revision: int) -> tuple[Sequence[Event], Sequence[Event]]:
    """What happened before the command that led to event `revision`, and what that command led to."""
    start = 0
    for _, group in groupby(events, key=lambda event: event.effect_id):
        length = sum(1 for _ in group)
        if start <= revision < start + length:
            return events[:start], events[start : start + length]
        start += length
    raise IndexError(revision)
