"""Runs reactors: follows the log, acts on what is due, keeps a checkpoint.

It works in sessions. A session ends on any failure, and the next one goes on from the last event that was read; if the
log no longer has that event, it was set back, and the session begins at the checkpoint in the log.

Any number of processes may run the same reactors. All of them read; the one that has the lease acts and writes.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

import msgspec

from commands.handler import TooContended
from domain.errors import DomainError
from eventstore.codec import Fact
from eventstore.store import (
    METASTREAM,
    EventLog,
    StoreError,
    StoreUnavailable,
    StreamStopped,
    in_full,
)
from eventstore.streams import readable
from reactors import checkpoint, messages
from reactors.agenda import Agenda, Task
from reactors.following import Follower, called_soon, following
from reactors.lease import LOOK, Lease
from reactors.reactor import Reactor, Tools, acting_on
from reactors.recent import recent
from reactors.saving import SAVE_EVERY, Saving, mark

log: Final = logging.getLogger("daybook.reactor")

TOGETHER: Final = 64
"""How many tasks are done at the same time."""
RETRY: Final = 0.5
"""Less than the patience of a process that stands by and has the same task."""
STUCK_RETRY: Final = 60.0
LOOK_EVERY: Final = 5.0
"""Seconds after which it looks at the clock again, which somebody may have set."""
SILENCE: Final = 10.0
"""Seconds without a message after which the log is asked whether it has any."""
FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 2.0


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """What reactors work with. `open_log` opens the log of `tools`, whose appends are fenced by `lease`."""

    open_log: Callable[[], EventLog]
    tools: Tools
    lease: Lease
    save_every: float = SAVE_EVERY


async def run_all(reactors: Sequence[Reactor], work: Work) -> None:
    """Until cancelled."""
    try:
        async with asyncio.TaskGroup() as group:
            for reactor in reactors:
                group.create_task(run(reactor, work))
    finally:
        await work.lease.release()


async def run(reactor: Reactor, work: Work) -> None:
    """Until cancelled. A bug in one reactor does not end the others."""
    agenda: Agenda | None = None
    pause = FIRST_PAUSE
    while True:
        started = time.monotonic()
        event_log = work.open_log()
        try:
            agenda = await _agenda(reactor, work, event_log, agenda)
            await _Session(reactor, work, event_log, agenda).run()
        except StoreError as lost:
            log.warning(messages.session_lost(reactor.name, in_full(lost), pause))
        except Exception as bug:
            log.exception(
                messages.session_lost(reactor.name, messages.error(type(bug).__name__, str(bug)), pause)
            )
        finally:
            event_log.close()
        was_long = time.monotonic() - started > 2 * LONGEST_PAUSE
        pause = FIRST_PAUSE if was_long else min(2 * pause, LONGEST_PAUSE)
        await asyncio.sleep(pause)


async def _agenda(reactor: Reactor, work: Work, event_log: EventLog, before: Agenda | None) -> Agenda:
    """That of the last session, if it fits the log, or a new one from the checkpoint on. Raises StoreError."""
    work.tools.forget_all()  # what was changed by others meanwhile was not heard
    if before is not None and before.last is not None:
        position, event_id = before.last
        if await asyncio.to_thread(event_log.at, position) == event_id:
            before.reached = (
                position  # what was not ours after it may be something else in a log that was set back
            )
            return before
        log.warning(messages.log_set_back(reactor.name))
    stored = await checkpoint.load(work.tools.store, reactor.name)
    return Agenda(stored.progress.after)


class _Session:
    """One subscription, and the actions on what it says. `term` is that of the lease under which it acts."""

    def __init__(self, reactor: Reactor, work: Work, event_log: EventLog, agenda: Agenda) -> None:
        self.reactor, self.tools, self.lease, self.agenda = reactor, work.tools, work.lease, agenda
        self.event_log = event_log
        self.prefixes = (*reactor.prefixes, *(f"{METASTREAM}{prefix}" for prefix in reactor.prefixes))
        self.saving = Saving(reactor.name, agenda, work.tools.store, work.save_every)
        self.term: int | None = None
        self.woken = asyncio.Event()
        self.heard = (time.monotonic(), agenda.reached)

    async def run(self) -> None:
        """Raises StoreError when the subscription ends."""
        loop = asyncio.get_running_loop()
        goal = (await recent(self.tools.store, self.prefixes, self.reactor.others)).last
        follower = Follower(
            self.reactor,
            self.agenda,
            goal,
            wake=lambda: called_soon(loop, self.woken.set),
            forget=lambda stream: called_soon(loop, partial(self.tools.forget, stream)),
        )
        subscribe = partial(
            self.event_log.subscribe,
            prefixes=self.prefixes,
            after=self.agenda.reached or None,
            without=self.reactor.others,
        )
        with following(follower, await asyncio.to_thread(subscribe)):
            try:
                while follower.ended is None:
                    await self._turn(follower)
            finally:
                if self._may_act():
                    await self.saving.finish()
            raise follower.ended

    async def _turn(self, follower: Follower) -> None:
        self.woken.clear()
        await self._ask()
        if self.saving.is_due:
            await mark(self.agenda, self.event_log)
        if not self._may_act() and self.saving.is_due:
            await self.saving.look(self.tools.now())
        if not self._has_work(follower):
            await self._sleep(follower)
        elif self._may_act() or await self._take_over(follower):
            await self._act(follower)
        else:
            await asyncio.sleep(LOOK)

    def _may_act(self) -> bool:
        return self.term is not None and self.term == self.lease.term

    def _has_work(self, follower: Follower) -> bool:
        wants_to_save = self.saving.is_due if self._may_act() else self.saving.is_late
        return wants_to_save or self._has_due(follower)

    def _has_due(self, follower: Follower) -> bool:
        next_due = self.agenda.next_due() if follower.has_caught_up else None
        return next_due is not None and next_due <= self._now()

    async def _take_over(self, follower: Follower) -> bool:
        """If the lease is free, and there still is something to do after what the process before has done."""
        if await self.lease.is_free():
            await self.saving.look(self.tools.now())
            if self._has_work(follower) and await self.lease.take():
                self.term = self.lease.term
        return self._may_act()

    async def _act(self, follower: Follower) -> None:
        if self.saving.is_due or self.saving.is_late:
            await self.saving.save()
        due = self.agenda.take(self._now(), TOGETHER) if follower.has_caught_up else []
        if due:
            async with self.lease.kept():
                await asyncio.gather(*(self._do(task) for task in due))

    def _now(self) -> float:
        return self.tools.now().timestamp()

    async def _sleep(self, follower: Follower) -> None:
        """Until something is due or was read, but not for long: a checkpoint may be due, or the clock was set."""
        next_due = self.agenda.next_due() if follower.has_caught_up else None
        until_due = LOOK_EVERY if next_due is None else max(0.0, next_due - self._now())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(until_due, LOOK_EVERY, self.saving.pause)):
                await self.woken.wait()

    async def _do(self, task: Task) -> None:
        try:
            await self.lease.confirm()
            fact = await self._fact(task)
            acting_on(fact)
            is_over = await self.reactor.act(fact, self.tools)
        except (StoreUnavailable, TooContended) as error:
            log.debug(in_full(error))
            self._put_off(task, RETRY)
        except Exception as error:
            self._report(task, error)
            self._put_off(task, STUCK_RETRY, is_stuck=True)
        else:
            log.debug("%s: acted on event %d of %s", self.reactor.name, task.revision, task.stream)
            if is_over:
                self.agenda.finish(task)
                self.saving.has_done = True
            else:
                self._put_off(task, RETRY)

    async def _fact(self, task: Task) -> Fact[Any]:
        """Raises StoreError."""
        found = await self.tools.store.read_stream(task.stream, start=task.revision, limit=1)
        if not found:
            raise StreamStopped(task.stream, task.revision, messages.EVENT_GONE)
        return readable(found[0])

    def _put_off(self, task: Task, seconds: float, *, is_stuck: bool = False) -> None:
        self.agenda.put_off(task, self._now() + seconds, is_stuck=is_stuck)

    def _report(self, task: Task, error: Exception) -> None:
        """Once. A bug is shown with its place."""
        if not task.is_stuck:
            known = isinstance(error, StoreError | DomainError)
            reason = str(error) if known else messages.error(type(error).__name__, str(error))
            said = messages.task_failed(self.reactor.name, task.stream, task.revision, reason, STUCK_RETRY)
            log.warning(said, exc_info=None if known else error)

    async def _ask(self) -> None:
        """After silence. Raises StoreUnavailable if the log has more than the subscription has said."""
        heard, reached = self.heard
        if reached != self.agenda.reached:
            self.heard = (time.monotonic(), self.agenda.reached)
        elif time.monotonic() - heard > SILENCE:
            there = await recent(self.tools.store, self.prefixes, self.reactor.others)
            if there.events and there.last > self.agenda.reached:
                raise StoreUnavailable(messages.subscription_silent(there.last, reached))
            self.heard = (time.monotonic(), self.agenda.reached)
