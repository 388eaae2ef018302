"""The streams that are stopped: what the read models show of them is as of the last event that counts."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from projections.engine.clients import Redis
from projections.engine.folding import parked
from projections.engine.keys import STOPPING

LISTED: Final = 100
"""About how many streams are listed."""


class Stopped(msgspec.Struct, frozen=True):
    """Nothing of `stream` counts from event `revision` on, and why."""

    stream: str
    revision: int
    reason: str


async def stopped_among(redis: Redis, prefix: str, streams: Sequence[str]) -> list[Stopped | None]:
    """In the generation with the key prefix `prefix`; None for a stream that is not stopped."""
    if not streams:
        return []
    found: list[list[Any]] = [await redis.hmget(f"{prefix}{key}", list(streams)) for key in STOPPING]
    blobs = (one or other for one, other in zip(*found, strict=True))
    return [
        None if blob is None else _stopped(stream, blob) for stream, blob in zip(streams, blobs, strict=True)
    ]


async def count_and_list(redis: Redis, prefix: str) -> tuple[int, tuple[Stopped, ...]]:
    """How many streams are stopped, and some of them by name."""
    async with redis.pipeline(transaction=False) as pipeline:
        for key in STOPPING:
            pipeline.hlen(f"{prefix}{key}")
        counts: list[int] = await pipeline.execute()
    found: dict[str, Stopped] = {}
    for key, count in zip(STOPPING, counts, strict=True):
        if count:
            page: Any = await redis.hscan(f"{prefix}{key}", 0, count=LISTED)
            _, fields = page
            found = {name.decode(): _stopped(name.decode(), blob) for name, blob in fields.items()} | found
    return sum(counts), tuple(found[stream] for stream in sorted(found)[:LISTED])


def _stopped(stream: str, blob: bytes) -> Stopped:
    why = parked(blob)
    return Stopped(stream, why.revision, why.reason)
