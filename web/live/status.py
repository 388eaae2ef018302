"""The state of the read models, for the badge, the footer and the API."""

from typing import Final

import msgspec

from eventstore.identity import LogId
from eventstore.store import TICKS_PER_SECOND
from projections.engine import status as engine
from projections.engine.clients import Redis
from projections.engine.reading import ReadModelUnavailable
from projections.readmodels import READ_MODELS
from web.http.formats import now

BEHIND_SECONDS: Final = 3.0


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """`position` is the position that all live read models have reached, None if none is live.

    `is_foreign`: the projector follows another log than this process.
    """

    position: int | None
    projections: tuple[engine.Status, ...]
    is_foreign: bool = False

    @property
    def is_followed(self) -> bool:
        return engine.is_followed(self.projections) and not self.is_foreign

    @property
    def trouble(self) -> str | None:
        """Why Redis cannot keep read models, None if it can."""
        return next((one.trouble for one in self.projections), None)

    @property
    def rebuilding(self) -> list[str]:
        """The names of the read models that are not live."""
        return [one.name for one in self.projections if one.state != "live"]

    @property
    def is_catching_up(self) -> bool:
        return any(
            one.head is not None and one.position is not None and one.position < one.head
            for one in self.projections
            if one.state == "live"
        )


class Beat(msgspec.Struct, frozen=True, omit_defaults=True):
    """The data of a page's badge. `last` is when the newest event was recorded, `now` the server's time, both in ticks.

    `reload`, for developers, differs for each web process: a page of another process reloads.
    """

    state: str
    position: int
    last: int | None
    now: int
    reload: str = ""


async def read(redis: Redis, log_id: LogId) -> Status:
    """Raises ReadModelUnavailable."""
    projections = await engine.status(redis, READ_MODELS)
    live = [one.position for one in projections if one.state == "live" and one.position is not None]
    return Status(
        position=min(live, default=None),
        projections=projections,
        is_foreign=await log_id.is_other(projections[0].log),
    )


async def position(redis: Redis) -> int | None:
    """As `Status.position`. Raises ReadModelUnavailable."""
    return await engine.position(redis, READ_MODELS)


async def state(redis: Redis, log_id: LogId, last: int | None) -> str:
    """live, behind (catching up), rebuilding (nothing to show yet) or stale (no projector is running)."""
    try:
        status = await read(redis, log_id)
    except ReadModelUnavailable:
        return "stale"
    if not status.is_followed:
        return "stale"
    if status.position is None:
        return "rebuilding"
    lag = (now() - (last or now())) / TICKS_PER_SECOND
    return "behind" if status.is_catching_up and lag > BEHIND_SECONDS else "live"
