"""The lease: one process has it, its appends are accepted, and those of all others are refused."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from uuid import uuid4

import pytest

from eventstore.memory import MemoryStore, Records
from eventstore.store import (
    METASTREAM,
    NO_STREAM,
    Appended,
    EventStore,
    NewEvent,
    StoreUnavailable,
)
from reactors.holder import RELEASED, RENEWED, STREAM, TAKEN, newest
from reactors.lease import LOOK, PATIENCE, RENEW, Fenced, Lease, LeaseLost
from tests.kit.faults import Unreliable
from tests.kit.reactors import Log, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

LONG = 3_600.0


class Clock:
    """Seconds that pass only when the test says so, for all processes at the same time."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds


class Process:
    """One that may have the lease, and writes to streams of its own name."""

    def __init__(self, store: EventStore, clock: Clock, name: str) -> None:
        self.store, self.clock, self.name = store, clock, name
        self.lease = Lease(store, clock)
        self.fenced = Fenced(store, self.lease)
        self.written = 0

    async def write(self) -> None:
        event = NewEvent(id=uuid4(), type="Done", data=b"{}", metadata=b"{}")
        await self.fenced.append(self.name, [event], expected=self.written - 1)
        self.written += 1

    async def is_refused(self) -> bool:
        before = len(await self.store.read_stream(self.name))
        with pytest.raises(LeaseLost):
            await self.write()
        return len(await self.store.read_stream(self.name)) == before

    async def looks(self, seconds: float) -> bool:
        """Looks again and again for so long, until it may take the lease."""
        end = self.clock.now + seconds
        while not await self.lease.is_free():
            if self.clock.now >= end:
                return False
            self.clock.wait(LOOK)
        return True

    async def takes_over(self) -> bool:
        return await self.looks(2 * PATIENCE) and await self.lease.take()


class Slow(Unreliable):
    """`then` happens between an append and its answer."""

    then: Callable[[], Awaitable[None]] | None = None

    async def append(self, stream: str, events: Sequence[NewEvent], *, expected: int) -> Appended:
        appended = await super().append(stream, events, expected=expected)
        if then := self.then:
            self.then = None
            await then()
        return appended


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def one(log: Log, clock: Clock) -> Process:
    return Process(log.store, clock, "one")


@pytest.fixture
def other(log: Log, clock: Clock) -> Process:
    return Process(log.store, clock, "other")


async def kinds(store: EventStore) -> list[str]:
    return [event.type for event in await store.read_stream(STREAM)]


async def test_nobody_writes_without_the_lease(one: Process) -> None:
    assert await one.is_refused()


async def test_a_lease_that_nobody_has_is_taken_at_once(log: Log, one: Process) -> None:
    assert await one.lease.is_free()
    assert await one.lease.take()
    await one.write()
    assert await kinds(log.store) == [TAKEN]


async def test_of_all_who_find_it_free_at_once_one_gets_it(log: Log, clock: Clock) -> None:
    processes = [Process(log.store, clock, str(number)) for number in range(10)]
    assert all(await asyncio.gather(*(each.lease.is_free() for each in processes)))
    taken = await asyncio.gather(*(each.lease.take() for each in processes))
    assert sum(taken) == 1
    for process, has_it in zip(processes, taken, strict=True):
        assert has_it or await process.is_refused()


async def test_one_that_writes_keeps_it_however_long_others_wait(one: Process, other: Process) -> None:
    assert await one.takes_over()
    for _ in range(20):
        await one.write()
        assert not await other.lease.is_free()
        one.clock.wait(PATIENCE / 2)


async def test_one_that_gives_no_sign_of_life_loses_it_to_one_that_has_to_do(
    one: Process, other: Process
) -> None:
    assert await one.takes_over()
    assert not await other.looks(PATIENCE - LOOK)
    assert await other.takes_over()
    await other.write()
    assert await one.is_refused()


async def test_of_one_that_wakes_up_every_append_is_refused(one: Process, other: Process) -> None:
    """It was stopped just after it wrote, and it believes that it has the lease."""
    assert await one.takes_over()
    await one.write()
    assert await other.takes_over()
    for _ in range(3):
        assert await one.is_refused()
    await other.write()


async def test_one_that_was_stopped_while_it_waited_for_the_answer_is_refused_too(
    log: Log, clock: Clock, other: Process
) -> None:
    """The log accepted its renewal, which says nothing of the time since then."""
    slow = Slow(log.store)
    one = Process(slow, clock, "one")
    assert await one.takes_over()
    clock.wait(2 * RENEW)

    async def stopped() -> None:
        assert await other.takes_over()

    slow.then = stopped
    assert await one.is_refused()


async def test_a_log_that_takes_too_long_confirms_nothing(log: Log, clock: Clock) -> None:
    slow = Slow(log.store)
    one = Process(slow, clock, "one")
    assert await one.takes_over()
    clock.wait(2 * RENEW)

    async def late() -> None:
        clock.wait(2 * PATIENCE)
        slow.then = late

    slow.then = late
    assert await one.is_refused()
    slow.then = None
    await one.write()


async def test_a_renewal_whose_outcome_is_unknown_loses_nothing(log: Log, clock: Clock) -> None:
    unreliable = Unreliable(log.store)
    one = Process(unreliable, clock, "one")
    assert await one.takes_over()
    clock.wait(2 * RENEW)
    unreliable.lose_replies = 1
    with pytest.raises(StoreUnavailable):
        await one.write()
    clock.wait(LONG)
    await one.write()


async def test_after_a_release_another_one_takes_it_at_once(log: Log, one: Process, other: Process) -> None:
    assert await one.takes_over()
    assert not await other.lease.is_free()
    await one.lease.release()
    assert await one.is_refused()
    other.clock.wait(LOOK)
    assert await other.lease.is_free()
    assert await other.lease.take()
    assert await kinds(log.store) == [TAKEN, RELEASED, TAKEN]


async def test_one_that_has_nothing_to_do_keeps_it_and_writes_nothing(log: Log, one: Process) -> None:
    assert await one.takes_over()
    one.clock.wait(LONG)
    assert await kinds(log.store) == [TAKEN]
    await one.write()
    assert await kinds(log.store) == [TAKEN, RENEWED]


async def test_many_appends_at_the_same_time_renew_it_once(log: Log, one: Process) -> None:
    assert await one.takes_over()
    for _ in range(2):
        one.clock.wait(2 * RENEW)
        await asyncio.gather(*(one.lease.confirm() for _ in range(64)))
        one.clock.wait(RENEW / 2)
        await one.lease.confirm()
    assert await kinds(log.store) == [TAKEN, RENEWED, RENEWED]


async def test_a_wait_begins_again_after_a_pause(one: Process, other: Process) -> None:
    """In between nothing was to be done, so silence meant nothing. Or this process was stopped."""
    assert await one.takes_over()
    assert not await other.looks(PATIENCE / 2)
    other.clock.wait(LONG)
    assert not await other.lease.is_free()
    assert await other.takes_over()


async def test_a_sign_of_life_after_the_last_look_keeps_it(one: Process, other: Process) -> None:
    assert await one.takes_over()
    assert await other.looks(2 * PATIENCE)
    await one.write()
    assert not await other.lease.take()
    assert not await other.lease.is_free()
    await one.write()


async def test_it_goes_back_and_forth_and_only_the_last_one_writes(
    log: Log, one: Process, other: Process
) -> None:
    holder, waiter = one, other
    assert await holder.takes_over()
    for _ in range(6):
        await holder.write()
        assert await waiter.takes_over()
        assert await holder.is_refused()
        holder, waiter = waiter, holder
    found = (await newest(log.store)).holder
    assert found is not None
    assert one.written + other.written == 6


async def test_one_whose_log_was_set_back_has_to_take_it_again(clock: Clock) -> None:
    unreliable = Unreliable(MemoryStore(Records()))
    one = Process(unreliable, clock, "one")
    assert await one.takes_over()
    await one.write()
    set_back = MemoryStore(Records())
    unreliable._store = set_back
    clock.wait(RENEW)
    assert await one.is_refused()
    assert await one.takes_over()
    assert await kinds(set_back) == [TAKEN]


@pytest.mark.parametrize("data", [b"[", b"{}", b"\xff", b"[" * 9_999])
async def test_an_event_that_cannot_be_read_is_one_of_somebody_else(
    log: Log, one: Process, data: bytes
) -> None:
    other = NewEvent(id=uuid4(), type="Nonsense", data=data, metadata=b"")
    await log.store.append(STREAM, [other], expected=NO_STREAM)
    assert not await one.looks(PATIENCE - LOOK)
    assert await one.takes_over()
    await one.write()


async def test_while_actions_run_that_write_nothing_it_is_kept(log: Log) -> None:
    """By the clock of the machine."""
    lease = Lease(log.store)
    assert await lease.is_free()
    assert await lease.take()
    async with lease.kept():
        await until(lambda: has_renewed(log.store, 2))
    assert lease.term == 0


async def has_renewed(store: EventStore, times: int) -> bool:
    return (await kinds(store)).count(RENEWED) >= times


async def test_the_log_is_asked_to_keep_few_of_its_events(log: Log, one: Process) -> None:
    assert await one.takes_over()
    assert len(await log.store.read_stream(f"{METASTREAM}{STREAM}")) == 1
