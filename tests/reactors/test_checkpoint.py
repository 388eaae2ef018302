"""The checkpoint of a reactor, which is in the log itself."""

import asyncio
from uuid import uuid4

import msgspec
import pytest

from eventstore.store import METASTREAM, NO_STREAM, NewEvent
from reactors import checkpoint
from reactors.agenda import Agenda, Progress
from reactors.saving import mark
from tests.kit.reactors import Log

pytestmark = pytest.mark.asyncio(loop_scope="session")

NAME = "test"
STREAM = checkpoint.stream_of(NAME)


async def test_what_was_saved_is_loaded(log: Log) -> None:
    assert await checkpoint.load(log.store, NAME) == checkpoint.NOTHING
    progress = Progress(after=300, reached=700, tasks=4, stuck=1, due=1_800_000_000.25)
    await checkpoint.save(log.store, NAME, progress)
    stored = await checkpoint.load(log.store, NAME)
    assert (stored.progress, stored.revision) == (progress, 0)
    assert stored.written


async def test_a_checkpoint_never_goes_back(log: Log) -> None:
    for after, reached in ((10, 20), (10, 19), (9, 30), (10, 20), (10, 21), (12, 21)):
        await checkpoint.save(log.store, NAME, Progress(after=after, reached=reached))
    stored = [msgspec.json.decode(each.data, type=Progress) for each in await log.store.read_stream(STREAM)]
    assert [(each.after, each.reached) for each in stored] == [(10, 20), (10, 21), (12, 21)]


async def test_a_task_that_gets_stuck_is_told_although_nothing_was_read(log: Log) -> None:
    for stuck in (0, 1, 1, 0):
        await checkpoint.save(log.store, NAME, Progress(after=10, reached=20, tasks=1, stuck=stuck))
    assert len(await log.store.read_stream(STREAM)) == 3


async def test_of_two_that_write_at_the_same_time_one_does(log: Log) -> None:
    await asyncio.gather(
        *(checkpoint.save(log.store, NAME, Progress(after=5, reached=5 + number)) for number in range(20))
    )
    stored = await checkpoint.load(log.store, NAME)
    assert stored.progress.after == 5


async def test_the_log_is_asked_to_keep_few_of_them(log: Log) -> None:
    for number in range(1, 4):
        await checkpoint.save(log.store, NAME, Progress(after=number, reached=number))
    (limit,) = await log.store.read_stream(f"{METASTREAM}{STREAM}")
    assert msgspec.json.decode(limit.data) == {"$maxCount": checkpoint.KEPT}


@pytest.mark.parametrize("data", [b"[", b'{"after":"1"}', b"\xff", b"[" * 9_999])
async def test_what_cannot_be_read_is_the_beginning_of_the_log(log: Log, data: bytes) -> None:
    other = NewEvent(id=uuid4(), type="Nonsense", data=data, metadata=b"")
    await log.store.append(STREAM, [other], expected=NO_STREAM)
    assert (await checkpoint.load(log.store, NAME)).progress == Progress()
    await checkpoint.save(log.store, NAME, Progress(after=1, reached=2))
    assert (await checkpoint.load(log.store, NAME)).revision == 1


async def test_a_session_goes_on_from_an_event_of_the_log_that_did_not_concern_the_reactor(log: Log) -> None:
    event = NewEvent(id=uuid4(), type="MoneyDeposited", data=b"{}", metadata=b"{}")
    there = await log.store.append("account-a", [event], expected=NO_STREAM)
    event_log = log.open_log()
    agenda = Agenda(there.position)
    await mark(agenda, event_log)
    assert agenda.last == (there.position, str(event.id))
    agenda.reached += 1
    await mark(agenda, event_log)
    assert agenda.last == (there.position, str(event.id)), "there is no event to recognise the log by"
    event_log.close()
