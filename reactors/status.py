"""How each reactor is, as its checkpoint in the log shows it.

A reactor that works writes a checkpoint when it has read something, at once or within seconds. One that has nothing to
read and nothing to do is up to date, whether it runs or not.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

import msgspec

from eventstore.store import EventStore, Recorded, time_of
from reactors import checkpoint, messages
from reactors.agenda import Progress
from reactors.checkpoint import Stored
from reactors.holder import newest
from reactors.reactor import Reactor
from reactors.recent import MOST, recent

GRACE: Final = timedelta(seconds=30)
"""How long a checkpoint or a task may be late."""
_JUST_NOW: Final = timedelta(seconds=5)


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """`position`: up to there the log was read; None: it has never run. `head` is the last event that concerns it,
    or the same if there is none among the newest of the log.

    `tasks` have begun and are not over; of these, `stuck` cannot be done until somebody repairs something. `due` is
    when the next one is due. `problem` is a sentence, None if all is well.
    """

    name: str
    kind: Literal["reactor"] = "reactor"
    state: Literal["ok", "stopped"]
    position: int | None
    head: int
    tasks: int
    stuck: int
    due: datetime | None
    written: datetime | None
    problem: str | None


class Acting(msgspec.Struct, frozen=True, kw_only=True):
    """The process that has the lease; all is None if none has it. `seen` is its last sign of life.

    It gives one when it writes. So an old one is no bad news: there was nothing to do.
    """

    kind: Literal["lease"] = "lease"
    host: str | None = None
    pid: int | None = None
    since: datetime | None = None
    seen: datetime | None = None

    @property
    def sentence(self) -> str:
        if self.seen is None:
            return messages.NOBODY_ACTS
        seen = self.seen.isoformat(timespec="seconds")
        if self.since is None:
            return messages.unknown_acts(seen)
        return messages.acts(
            str(self.pid), str(self.host), since=self.since.isoformat(timespec="seconds"), seen=seen
        )


async def acting(store: EventStore) -> Acting:
    """Raises StoreError."""
    found = await newest(store)
    if found.is_vacant:
        return Acting()
    if found.holder is None:
        return Acting(seen=found.written)
    return Acting(host=found.holder.host, pid=found.holder.pid, since=found.holder.since, seen=found.written)


async def status(
    store: EventStore, reactors: Sequence[Reactor], now: datetime | None = None
) -> tuple[Status, ...]:
    """Raises StoreError."""
    return tuple([await _status(store, reactor, now or datetime.now(UTC)) for reactor in reactors])


async def _status(store: EventStore, reactor: Reactor, now: datetime) -> Status:
    events = (await recent(store, reactor.prefixes, reactor.others)).events
    stored = await checkpoint.load(store, reactor.name)
    problem = _problem(stored, events, now)
    progress = stored.progress
    return Status(
        name=reactor.name,
        state="stopped" if problem else "ok",
        position=progress.reached if stored.written else None,
        head=events[0].position if events else progress.reached,
        tasks=progress.tasks,
        stuck=progress.stuck,
        due=_due(progress),
        written=stored.written,
        problem=messages.stopped(reactor.name, problem) if problem else None,
    )


def _due(progress: Progress) -> datetime | None:
    return None if progress.due is None else datetime.fromtimestamp(progress.due, UTC)


def _problem(stored: Stored, newest: Sequence[Recorded], now: datetime) -> str | None:
    due = _due(stored.progress)
    if due is not None and now - due > GRACE:
        return messages.TASK_OVERDUE
    unread = [each for each in newest if each.position > stored.progress.reached]
    if not unread or (len(unread) < MOST and now - time_of(unread[-1]) < _JUST_NOW):
        return None
    if stored.written is None:
        return messages.NEVER_RAN
    return messages.EVENTS_WAIT if now - stored.written > GRACE else None
