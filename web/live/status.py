"""How the read models are: what the badge, the footer and the API say of them."""

from typing import Final

import msgspec

from eventstore.store import TICKS_PER_SECOND
from projections import queries
from projections.queries import ProjectionStatus, ReadModelUnavailable, Redis
from web.http.formats import now

BEHIND_SECONDS: Final = 3.0


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """`position` is the one that all read models have reached, None while one is missing."""

    position: int | None
    projections: tuple[ProjectionStatus, ...]

    @property
    def is_followed(self) -> bool:
        return queries.is_followed(self.projections)

    @property
    def is_catching_up(self) -> bool:
        return any(
            one.head is not None and one.position is not None and one.position < one.head
            for one in self.projections
        )


class Beat(msgspec.Struct, frozen=True):
    """What a page's badge says. `last` is when the newest event was recorded, `now` the server's time: ticks."""

    state: str
    position: int
    last: int | None
    now: int


async def read(redis: Redis) -> Status:
    projections = await queries.status(redis)
    return Status(position=await queries.position(redis), projections=projections)


async def state(redis: Redis, last: int | None) -> str:
    """live, behind (catching up), rebuilding (nothing to show yet) or stale (no projector keeps it current)."""
    try:
        status = await read(redis)
    except ReadModelUnavailable:
        return "stale"
    if not status.is_followed:
        return "stale"
    if status.position is None:
        return "rebuilding"
    lag = (now() - (last or now())) / TICKS_PER_SECOND
    return "behind" if status.is_catching_up and lag > BEHIND_SECONDS else "live"
