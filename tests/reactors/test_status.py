"""How a reactor is, as `status` and the readiness show it."""

import os
import socket
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from eventstore.store import NO_STREAM, NewEvent
from reactors import checkpoint, messages
from reactors.agenda import Progress
from reactors.holder import STREAM
from reactors.holds import HOLDS
from reactors.lease import Lease
from reactors.status import GRACE, Acting, Status, acting, status
from tests.kit.reactors import Log, place_holds

pytestmark = pytest.mark.asyncio(loop_scope="session")

LATER = timedelta(minutes=2)


async def seen(log: Log, after: timedelta = timedelta(0)) -> Status:
    (found,) = await status(log.store, [HOLDS], datetime.now(UTC) + after)
    return found


async def saved(log: Log, progress: Progress) -> None:
    await checkpoint.save(log.store, "holds", progress)


async def head_of(log: Log) -> int:
    return (await log.store.read_all(prefixes=["account-"], limit=1))[0].position


async def test_with_an_empty_log_there_is_nothing_to_do(log: Log) -> None:
    found = await seen(log, LATER)
    assert (found.state, found.position, found.head, found.problem) == ("ok", None, 0, None)


async def test_one_that_never_ran_is_stopped_once_events_wait_for_it(log: Log) -> None:
    await place_holds(log.store, "a", [])
    assert (await seen(log, LATER)).state == "ok", "nothing that happened concerns it"
    await place_holds(log.store, "b", [None])
    assert (await seen(log)).state == "ok", "it may be starting"
    assert (await seen(log, LATER)).problem == messages.stopped("holds", messages.NEVER_RAN)


async def test_one_that_has_read_everything_is_well_whenever_that_was(log: Log) -> None:
    await place_holds(log.store, "a", [])
    head = await head_of(log)
    await saved(log, Progress(after=head, reached=head))
    found = await seen(log, LATER)
    assert (found.state, found.position, found.head) == ("ok", head, head)


async def test_one_that_has_not_read_what_came_is_stopped(log: Log) -> None:
    await saved(log, Progress(after=1, reached=1))
    await place_holds(log.store, "a", [None])
    assert (await seen(log)).state == "ok"
    assert (await seen(log, LATER)).problem == messages.stopped("holds", messages.EVENTS_WAIT)


async def test_one_that_does_not_do_what_is_due_is_stopped(log: Log) -> None:
    await place_holds(log.store, "a", [])
    head = await head_of(log)
    due = datetime.now(UTC) + timedelta(hours=1)
    await saved(log, Progress(after=head, reached=head, tasks=1, due=due.timestamp()))
    before = await seen(log, timedelta(hours=1))
    assert (before.state, before.tasks, before.due) == ("ok", 1, due)
    late = await seen(log, timedelta(hours=1) + 2 * GRACE)
    assert late.problem == messages.stopped("holds", messages.TASK_OVERDUE)


async def test_the_process_that_acts_is_named_until_it_gives_the_lease_back(log: Log) -> None:
    assert await acting(log.store) == Acting()
    lease = Lease(log.store)
    assert await lease.is_free()
    assert await lease.take()
    found = await acting(log.store)
    assert (found.host, found.pid) == (socket.gethostname(), os.getpid())
    assert found.since is not None
    assert found.seen is not None
    assert found.sentence.startswith(f"Process {os.getpid()} on {socket.gethostname()} acts")
    await lease.release()
    assert (await acting(log.store)).sentence == messages.NOBODY_ACTS


async def test_of_an_event_of_the_lease_that_cannot_be_read_only_the_time_is_known(log: Log) -> None:
    nonsense = NewEvent(id=uuid4(), type="Nonsense", data=b"[", metadata=b"")
    await log.store.append(STREAM, [nonsense], expected=NO_STREAM)
    found = await acting(log.store)
    assert (found.host, found.since) == (None, None)
    assert "cannot be read" in found.sentence
