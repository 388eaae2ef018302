"""The state of the read models, for the badge, the footer and the API."""

import time
from typing import Final

import msgspec
from msgspec.structs import replace

from eventstore.identity import LogId
from eventstore.store import TICKS_PER_SECOND
from projections.engine import status as engine
from projections.engine.clients import Redis
from projections.engine.keys import STOPPING
from projections.engine.reading import ReadModelUnavailable
from projections.engine.readmodel import channel
from projections.readmodels import READ_MODELS
from web.http.formats import now

STOPS: Final = frozenset(channel(model.name, key) for model in READ_MODELS for key in STOPPING)
"""The channels of all streams that are stopped."""
BEHIND_SECONDS: Final = 3.0
KNOWN_SECONDS: Final = 3.0
"""How long what was read is taken for true. It is read every two seconds, for the badge."""


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """`position` is the position that all live read models have reached, None if none is live. What `projections` say
    may be a moment older.

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
    def is_well(self) -> bool:
        """Whether there is nothing to say but the position."""
        is_live = self.is_followed and not self.rebuilding and not self.is_catching_up
        return is_live and not self.trouble and not any(one.parked for one in self.projections)

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


class StatusReader:
    """Reads the status. It knows how it was last, because reading it for each live update would cost more than the
    rest of the update.
    """

    def __init__(self, redis: Redis, log_id: LogId) -> None:
        self._redis, self._log_id = redis, log_id
        self._well: Status | None = None
        """How it was last, if all was well."""
        self._read_at = 0.0
        self._forgotten = 0

    async def read(self) -> Status:
        """Raises ReadModelUnavailable."""
        forgotten = self._forgotten
        try:
            found = await self._read()
        except ReadModelUnavailable:
            self.forget()
            raise
        if forgotten == self._forgotten:  # otherwise it may be from before what made it wrong
            self._well, self._read_at = found if found.is_well else None, time.monotonic()
        return found

    async def _read(self) -> Status:
        projections = await engine.status(self._redis, READ_MODELS)
        live = [one.position for one in projections if one.state == "live" and one.position is not None]
        return Status(
            position=min(live, default=None),
            projections=projections,
            is_foreign=await self._log_id.is_other(projections[0].log),
        )

    def forget(self) -> None:
        """Nothing is known until the next `read` begins and ends."""
        self._well, self._forgotten = None, self._forgotten + 1

    def was_well(self) -> bool:
        """Whether all was as it should be a moment ago; for example, no stream was stopped."""
        return self._well is not None and time.monotonic() <= self._read_at + KNOWN_SECONDS

    def known(self, position: int) -> Status | None:
        """How it was a moment ago, moved on to `position`, which the read models have reached.

        None if it has to be read, because it was not well then.
        """
        if self._well is None or not self.was_well():
            return None
        return replace(self._well, position=max(position, self._well.position or 0))

    async def position(self) -> int | None:
        """As `Status.position`. Raises ReadModelUnavailable."""
        return await engine.position(self._redis, READ_MODELS)

    async def state(self, last: int | None) -> str:
        """live, behind (catching up), rebuilding (nothing to show yet) or stale (no projector is running).

        `last` is when the newest event that is shown was recorded.
        """
        try:
            status = await self.read()
        except ReadModelUnavailable:
            return "stale"
        if not status.is_followed:
            return "stale"
        if status.position is None:
            return "rebuilding"
        lag = (now() - (last or now())) / TICKS_PER_SECOND
        return "behind" if status.is_catching_up and lag > BEHIND_SECONDS else "live"
