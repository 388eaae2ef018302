"""Followers of the log: each commit's events are given to them within the commit."""

import asyncio
from collections.abc import Iterable
from functools import partial

import pytest

from esdbnode.storage.log import Log
from esdbnode.storage.reading import PAGE_EVENTS, AllRow
from esdbnode.storage.transaction import Transaction
from esdbnode.streams.proposals import Proposal, store

TIMEOUT = 5


def write(numbers: Iterable[int], transaction: Transaction) -> int:
    """Appends an event for each number. Returns the last position."""
    position, sid = 0, transaction.intern_stream("s")
    for number in numbers:
        event = Proposal(number.to_bytes(16, "big"), f"{number:036}", "T", True, b"", b"%d" % number)
        position = store(transaction, "s", sid, transaction.last_revision(sid) + 1, event)
    return position


async def followed(log: Log, *answers: bool) -> tuple["asyncio.Task[None]", list[list[AllRow]]]:
    """A follower that has begun, and what it was given; it gives these answers, then True."""
    given: list[list[AllRow]] = []
    left = list(answers)

    def deliver(rows: list[AllRow]) -> bool:
        given.append(rows)
        return left.pop(0) if left else True

    task = asyncio.create_task(log.follow(deliver))
    await asyncio.sleep(0)
    return task, given


async def test_a_follower_is_given_what_a_reader_finds_before_the_commit_is_answered() -> None:
    log = Log(None)
    task, given = await followed(log)
    for numbers in ([1, 2], [3]):
        answered = log.submit(partial(write, numbers))
        answered.add_done_callback(lambda _: given.append([]))
        await answered
    await asyncio.sleep(0)
    rows = log.read.all_forwards(0, log.head, 10)
    assert given == [rows[:2], [], rows[2:], []]
    assert not task.done()
    task.cancel()
    await log.close()


async def test_the_events_of_the_last_commit_are_not_read_again() -> None:
    log = Log(None)
    task, given = await followed(log)
    first = await log.submit(partial(write, [1]))
    await log.submit(partial(write, [2, 3]))
    assert log.after(first) is given[1]
    assert [row[0] for row in log.after(0)] == [first, *[row[0] for row in given[1]]]
    task.cancel()
    await log.close()


async def test_a_follower_that_has_to_wait_is_given_nothing_more() -> None:
    log = Log(None)
    task, given = await followed(log, False)
    await asyncio.gather(log.submit(partial(write, [1])), log.submit(partial(write, [2])))
    await asyncio.wait_for(task, TIMEOUT)
    await log.submit(partial(write, [3]))
    assert [len(rows) for rows in given] == [2]
    await log.close()


async def test_a_follower_has_to_read_a_commit_of_more_than_a_page() -> None:
    log = Log(None)
    task, given = await followed(log)
    await log.submit(partial(write, range(PAGE_EVENTS + 1)))
    await asyncio.wait_for(task, TIMEOUT)
    assert given == []
    assert len(log.after(0)) == PAGE_EVENTS
    await log.close()


async def test_the_failure_of_a_follower_is_its_own() -> None:
    log = Log(None)

    def fail(_: list[AllRow]) -> bool:
        raise LookupError("no")

    failing = asyncio.create_task(log.follow(fail))
    task, given = await followed(log)
    await log.submit(partial(write, [1]))
    with pytest.raises(LookupError):
        await asyncio.wait_for(failing, TIMEOUT)
    assert [len(rows) for rows in given] == [1]
    task.cancel()
    await log.close()
