"""What led to what: the events of one request, and the tree that their metadata makes of them.

An event is a child of the event that its `$causationId` names, if that one is shown and is older. The others are roots:
a command caused them, or something that is not known.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from domain.accounts import AccountEvent, moved
from eventstore.codec import Origin, UnreadableEvent, decode, origin
from eventstore.store import EventStore, NoSuchPosition, Recorded
from projections.engine.clients import Redis
from projections.engine.reading import LONGEST_PAGE
from projections.readmodels import trace as index

_READS: Final = 8
"""How many events one trace reads from the log at the same time."""

# The tree.


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """An event of a request, and its place in the tree. `depth` is 0 for a root; `children` are ids of events.

    `after` is the time since the first event of the request, in 100 ns ticks.
    """

    recorded: Recorded
    origin: Origin
    depth: int
    after: int
    children: tuple[str, ...]


def tree(events: Iterable[Recorded]) -> tuple[Step, ...]:
    """Each event is followed by what it led to. What has the same cause is in the order of the log."""
    oldest_first = sorted(events, key=lambda each: each.position)
    origins = [origin(each) for each in oldest_first]
    children, roots = _links(oldest_first, origins)
    steps, waiting = list[Step](), [(number, 0) for number in reversed(roots)]
    while waiting:
        number, depth = waiting.pop()
        recorded, led_to = oldest_first[number], children[number]
        step = Step(
            recorded=recorded,
            origin=origins[number],
            depth=depth,
            after=recorded.created - oldest_first[0].created,
            children=tuple(oldest_first[child].event_id for child in led_to),
        )
        steps.append(step)
        waiting += [(child, depth + 1) for child in reversed(led_to)]
    return tuple(steps)


def _links(
    oldest_first: Sequence[Recorded], origins: Sequence[Origin]
) -> tuple[defaultdict[int, list[int]], list[int]]:
    """The children of each event, and the roots, as places in `oldest_first`.

    An event that is not older is no cause, so there are no circles.
    """
    children, roots, known = defaultdict[int, list[int]](list), list[int](), dict[str, int]()
    for number, (recorded, come_from) in enumerate(zip(oldest_first, origins, strict=True)):
        cause = known.get(come_from.causation_id.lower())
        if cause is None:
            roots.append(number)
        else:
            children[cause].append(number)
        known.setdefault(recorded.event_id.lower(), number)
    return children, roots


class Money(msgspec.Struct, frozen=True):
    """The amount of an event in minor units. It has a sign if it `changed` a balance."""

    units: int
    currency: str
    changed: bool


def money_of(recorded: Recorded) -> Money | None:
    """None if the event has no amount."""
    try:
        event: Any = decode(recorded).event
    except UnreadableEvent:
        return None
    change = moved(event) if isinstance(event, AccountEvent) else None
    if change is not None:
        return Money(change, event.currency, changed=True)
    units = getattr(event, "amount", None)
    currency = getattr(event, "amount_currency", "") or getattr(event, "currency", "")
    return None if units is None else Money(units, currency, changed=False)


# The events of a request.


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """The events of a request, as `tree` has them. There are so many `more` beyond position `last`."""

    correlation_id: str
    steps: tuple[Step, ...]
    more: int
    last: int


async def trace(
    redis: Redis, store: EventStore, correlation_id: str, *, after: int = -1, limit: int = LONGEST_PAGE
) -> Trace | None:
    """The oldest `limit` events beyond position `after`; None if no event has this correlation id.

    Raises ReadModelUnavailable, StoreUnavailable.
    """
    positions, more = await index.positions(redis, correlation_id, after=after, limit=limit)
    events = [
        each for each in await _events(store, positions) if origin(each).correlation_id == correlation_id
    ]
    if not events:
        return None
    return Trace(correlation_id=correlation_id, steps=tree(events), more=more, last=positions[-1])


async def correlation_at(store: EventStore, position: int) -> str:
    """That of the event at exactly `position`; "" if there is none. Raises StoreUnavailable."""
    found = await _event(store, position)
    return "" if found is None else origin(found).correlation_id


async def _events(store: EventStore, positions: Iterable[int]) -> list[Recorded]:
    turns = asyncio.Semaphore(_READS)

    async def read(position: int) -> Recorded | None:
        async with turns:
            return await _event(store, position)

    found = await asyncio.gather(*map(read, positions))
    return [each for each in found if each is not None]


async def _event(store: EventStore, position: int) -> Recorded | None:
    """The event at exactly `position`. The log gives the first one from there on."""
    try:
        found = await store.first(prefixes=(), start=position)
    except NoSuchPosition:
        return None
    return found if found is not None and found.position == position else None
