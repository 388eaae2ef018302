"""The streams that are stopped: what the read models show of them is as of the last event that counts."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from projections.engine.clients import Redis
from projections.engine.facts import NOWHERE, place_of
from projections.engine.folding import limited, parked
from projections.engine.keys import STOPPING, STREAMS

LISTED: Final = 100
"""About how many streams are listed."""


class Stopped(msgspec.Struct, frozen=True):
    """Nothing of `stream` counts from event `revision` on, and why. `fault`: the read model is at fault."""

    stream: str
    revision: int
    reason: str
    fault: bool = False


async def stopped_among(redis: Redis, prefix: str, streams: Sequence[str]) -> list[Stopped | None]:
    """In the generation with the key prefix `prefix`; None for a stream that is not stopped."""
    if not streams:
        return []
    async with redis.pipeline(transaction=False) as pipeline:
        for key in STOPPING:
            pipeline.hmget(f"{prefix}{key}", list(streams))
        parked_ones, limited_ones = (_given(streams, found) for found in await pipeline.execute())
    found = await _stops(redis, prefix, parked_ones, limited_ones)
    return [found.get(stream) for stream in streams]


async def count_and_list(redis: Redis, prefixes: Sequence[str]) -> list[tuple[int, tuple[Stopped, ...]]]:
    """How many streams are stopped in each of several generations, and some of them by name."""
    async with redis.pipeline(transaction=False) as pipeline:
        for prefix in prefixes:
            for key in STOPPING:
                pipeline.hlen(f"{prefix}{key}")
                pipeline.hscan(f"{prefix}{key}", 0, count=LISTED)
        answers = await pipeline.execute()
    return [
        await _counted(redis, prefix, *answers[4 * number : 4 * number + 4])
        for number, prefix in enumerate(prefixes)
    ]


async def _counted(
    redis: Redis, prefix: str, parked_count: int, parked_page: Any, limited_count: int, limited_page: Any
) -> tuple[int, tuple[Stopped, ...]]:
    pages = [{name.decode(): blob for name, blob in page.items()} for _, page in (parked_page, limited_page)]
    found = await _stops(redis, prefix, *pages)
    # A stream may be stopped for both reasons: that is not counted twice as far as it is listed.
    count = parked_count + limited_count - len(pages[0].keys() & pages[1].keys())
    return count, tuple(found[stream] for stream in sorted(found)[:LISTED])


async def _stops(
    redis: Redis, prefix: str, parked_ones: Mapping[str, bytes], limited_ones: Mapping[str, bytes]
) -> dict[str, Stopped]:
    names = list(limited_ones)
    places: list[Any] = await redis.hmget(f"{prefix}{STREAMS}", names) if names else []
    return stops_of(parked_ones, limited_ones, _given(names, places))


def stops_of(
    parked_ones: Mapping[str, bytes], limited_ones: Mapping[str, bytes], places: Mapping[str, bytes]
) -> dict[str, Stopped]:
    """From what a generation holds: an event that does not count comes before what was done to the stream."""
    stops: dict[str, Stopped] = {}
    for stream, blob in limited_ones.items():
        place = place_of(stream, places[stream]) if stream in places else NOWHERE
        stops[stream] = Stopped(stream, place.revision + 1, limited(blob).reason)
    for stream, blob in parked_ones.items():
        why = parked(blob)
        stops[stream] = Stopped(stream, why.revision, why.reason, why.fault)
    return stops


def _given(streams: Iterable[str], blobs: Iterable[bytes | None]) -> dict[str, bytes]:
    return {stream: blob for stream, blob in zip(streams, blobs, strict=True) if blob is not None}
