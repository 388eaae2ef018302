"""When a reactor's checkpoint is written, and by whom: by the process that has the lease."""

import asyncio
import contextlib
import logging
import time
from datetime import datetime, timedelta
from typing import Final

from eventstore.store import EventLog, EventStore, StoreError, in_full
from reactors import checkpoint, messages
from reactors.agenda import Agenda
from reactors.checkpoint import Stored
from reactors.lease import LeaseLost

log: Final = logging.getLogger("daybook.reactor")

SAVE_EVERY: Final = 10.0
"""Seconds between two checkpoints, if anything was read."""
SAVE_AFTER: Final = 10_000
"""A checkpoint is also written after as many messages."""
SAVE_DONE: Final = 0.5
"""Seconds after which it says that tasks are over, which may be nowhere else in the log.

Less than the patience of a process that stands by: it would do them again.
"""
_LATE: Final = 1.5
"""After so many times `every` without a checkpoint, nobody writes it: `status` is not to call the reactor stopped."""
_LAST: Final = 1.0
"""Seconds for a checkpoint at the end."""


class Saving:
    """Of one session. `has_done`: tasks are over since the last checkpoint. `is_late`: nobody else writes one."""

    def __init__(self, name: str, agenda: Agenda, store: EventStore, every: float) -> None:
        self._name, self._agenda, self._store, self._every = name, agenda, store, every
        self._saved = 0.0
        self.has_done = False
        self.is_late = False

    @property
    def pause(self) -> float:
        """Seconds between two checkpoints."""
        return min(self._every, SAVE_DONE) if self.has_done else self._every

    @property
    def is_due(self) -> bool:
        """If anything was read or done: the first of it at once, the rest from time to time."""
        news = self._agenda.news
        return news > 0 and (news >= SAVE_AFTER or time.monotonic() - self._saved >= self.pause)

    async def save(self) -> None:
        self._begin()
        try:
            await checkpoint.save(self._store, self._name, self._agenda.progress())
        except StoreError as error:
            self._agenda.news += 1
            if not isinstance(error, LeaseLost):
                log.warning(messages.checkpoint_not_written(self._name, in_full(error)))
        else:
            self.has_done = self.is_late = False

    async def finish(self) -> None:
        """At the end of a session, so that the next one does not do again what is over."""
        if self.has_done:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LAST):
                    await self.save()

    async def look(self, now: datetime) -> None:
        """At the checkpoint of the process that acts: what it has done need not be done again. Raises StoreError."""
        self._begin()
        stored = await checkpoint.load(self._store, self._name)
        self._agenda.end_up_to(stored.progress.after)
        if checkpoint.is_further(self._agenda.progress(), stored.progress):
            self._agenda.news += 1
            self.is_late = self._is_old(stored, now)
        else:
            self.is_late = False

    def _begin(self) -> None:
        self._saved, self._agenda.news = time.monotonic(), 0

    def _is_old(self, stored: Stored, now: datetime) -> bool:
        return stored.written is None or now - stored.written > timedelta(seconds=_LATE * self._every)


async def mark(agenda: Agenda, event_log: EventLog) -> None:
    """The next session goes on from here, and not from the last event that concerns the reactor, perhaps long ago.

    Raises StoreError.
    """
    reached = agenda.reached
    event_id = await asyncio.to_thread(event_log.at, reached)
    if event_id is not None and (agenda.last is None or agenda.last[0] < reached):
        agenda.last = (reached, event_id)
