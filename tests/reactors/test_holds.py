"""Holds expire by themselves, once."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from commands.accounts import Accounts, Receipt
from commands.handler import TooContended
from domain.accounts import (
    CaptureHold,
    HoldCaptured,
    HoldExpired,
    HoldIsOver,
    ReleaseHold,
    UnknownHold,
)
from eventstore.codec import decode_metadata
from eventstore.store import METASTREAM, NO_STREAM, NewEvent
from reactors import checkpoint
from reactors.agenda import Progress
from tests.kit.accounts import DAY
from tests.kit.contexts import context_of
from tests.kit.reactors import YESTERDAY, Log, endings, events_on, place_holds, position_of, reacting, until

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

PAST = YESTERDAY + timedelta(hours=1)


def soon(seconds: float = 1.0) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


async def ended(log: Log, account: str, count: int) -> bool:
    return (await endings(log.store, [account])).total() >= count


def capture(hold: Receipt, at: datetime) -> CaptureHold:
    assert hold.hold_id
    return CaptureHold(
        account_id=hold.account_id, command_id=uuid4(), hold_id=hold.hold_id, at=at, booked_on=DAY
    )


def release(hold: Receipt) -> ReleaseHold:
    assert hold.hold_id
    return ReleaseHold(account_id=hold.account_id, command_id=uuid4(), hold_id=hold.hold_id)


async def test_holds_that_expired_while_no_reactor_ran_end_when_one_starts(log: Log) -> None:
    placed = await place_holds(log.store, "a", [PAST] * 20)
    async with reacting(log):
        await until(lambda: ended(log, "a", 20))
    assert await endings(log.store, ["a"]) == Counter(hold.hold_id for hold in placed)


async def test_a_hold_ends_when_its_time_comes_and_not_before(log: Log) -> None:
    expires = soon()
    async with reacting(log):
        (hold,) = await place_holds(log.store, "a", [expires])
        await until(lambda: ended(log, "a", 1))
    record = (await log.store.read_stream("account-a"))[-1]
    assert decode_metadata(record).at >= expires
    assert (await endings(log.store, ["a"])) == Counter([hold.hold_id])


async def test_an_expiry_says_what_caused_it(log: Log) -> None:
    await place_holds(log.store, "a", [PAST])
    async with reacting(log):
        await until(lambda: ended(log, "a", 1))
    placing, expiry = (await log.store.read_stream("account-a"))[-2:]
    before, after = decode_metadata(placing), decode_metadata(expiry)
    assert str(after.causation_id) == placing.event_id
    assert (after.correlation_id, after.actor) == (before.correlation_id, "reactor")


async def test_holds_without_an_expiry_and_ones_that_have_ended_are_left_alone(log: Log) -> None:
    released, captured, endless = await place_holds(log.store, "a", [PAST, PAST, None])
    front = Accounts(log.store)
    for command in (release(released), capture(captured, YESTERDAY)):
        await front.handle(command, context_of(command))
    await place_holds(log.store, "b", [PAST])
    async with reacting(log):
        await until(lambda: ended(log, "b", 1))
    assert await endings(log.store, ["a"]) == Counter([released.hold_id, captured.hold_id])
    assert endless.hold_id


async def test_two_reactors_at_once_end_each_hold_once(log: Log) -> None:
    async with reacting(log), reacting(log):
        placed = await place_holds(log.store, "a", [soon(0.5)] * 100)
        await until(lambda: ended(log, "a", 100))
    assert await endings(log.store, ["a"]) == Counter(hold.hold_id for hold in placed)


async def test_a_hold_that_is_captured_in_the_same_moment_ends_one_way(log: Log) -> None:
    """The captures are from before the expiry, and arrive while the reactor acts."""
    expires = soon(1.0)
    placed = await place_holds(log.store, "a", [expires] * 100)
    front = Accounts(log.store)
    refused = []

    async def try_to_capture(hold: Receipt) -> None:
        command = capture(hold, expires - timedelta(milliseconds=1))
        try:
            await front.handle(command, context_of(command))
        except TooContended:
            await try_to_capture(hold)
        except (UnknownHold, HoldIsOver):
            refused.append(hold.hold_id)

    async with reacting(log), asyncio.TaskGroup() as captures:
        await until(lambda: ended(log, "a", 1))
        for hold in reversed(placed):
            captures.create_task(try_to_capture(hold))
        await until(lambda: ended(log, "a", 100))
    assert await endings(log.store, ["a"]) == Counter(hold.hold_id for hold in placed)
    events = await events_on(log.store, "a")
    assert {each.hold_id for each in events if isinstance(each, HoldExpired)} == set(refused)
    assert sum(isinstance(each, HoldCaptured) for each in events) == 100 - len(refused)


async def test_a_clock_that_is_set_forward_is_noticed(log: Log) -> None:
    ahead = timedelta(0)
    async with reacting(log, clock=lambda: datetime.now(UTC) + ahead):
        await place_holds(log.store, "a", [soon(3_600)])
        await until(lambda: _checkpoint(log, lambda progress: progress.tasks == 1))
        ahead = timedelta(hours=2)
        await until(lambda: ended(log, "a", 1))


async def test_after_a_restart_every_hold_that_has_not_ended_is_known_again(log: Log) -> None:
    """The checkpoint stays before the oldest of them, however much happens after it."""
    (old,) = await place_holds(log.store, "a", [soon(3_600)])
    async with reacting(log):
        *_, last = await place_holds(log.store, "b", [PAST] * 5)
        await until(lambda: ended(log, "b", 5))
        await until(
            lambda: _checkpoint(log, lambda saved: saved.reached > position_of(last) and saved.tasks == 1)
        )
    stored = (await checkpoint.load(log.store, "holds")).progress
    assert stored.after < position_of(old) < stored.reached
    async with reacting(log, clock=lambda: datetime.now(UTC) + timedelta(hours=2)):
        await until(lambda: ended(log, "a", 1))
        await until(lambda: _checkpoint(log, lambda progress: progress.tasks == 0))
    stored = (await checkpoint.load(log.store, "holds")).progress
    assert stored.after == stored.reached > position_of(old)


async def test_a_stopped_account_keeps_no_other_hold_from_ending(log: Log) -> None:
    """It is tried again later, so its hold stays known."""
    await place_holds(log.store, "a", [PAST])
    nonsense = NewEvent(id=uuid4(), type="MoneyDeposited", data=b"[", metadata=b"{}")
    revision = len(await events_on(log.store, "a")) - 1
    await log.store.append("account-a", [nonsense], expected=revision)
    await place_holds(log.store, "b", [PAST])
    async with reacting(log):
        await until(lambda: ended(log, "b", 1))
        await until(lambda: _checkpoint(log, lambda progress: progress.stuck == 1))
    assert (await checkpoint.load(log.store, "holds")).progress.due is None
    records = await log.store.read_stream("account-a")
    assert records[-1].type == "MoneyDeposited"


@pytest.mark.parametrize("kind", ["HoldPlaced", "HoldOfALaterRelease"])
async def test_what_only_a_later_release_can_read_stays_after_the_checkpoint(log: Log, kind: str) -> None:
    """The later release begins at the checkpoint, so it comes across the event."""
    (before,) = await place_holds(log.store, "a", [None])
    later = NewEvent(id=uuid4(), type=kind, data=b'{"shape":"new"}', metadata=b'{"schema":99}')
    appended = await log.store.append("account-a", [later], expected=before.revision)
    async with reacting(log):
        *_, last = await place_holds(log.store, "b", [PAST])
        await until(lambda: ended(log, "b", 1))
        await until(
            lambda: _checkpoint(log, lambda saved: saved.stuck == 1 and saved.reached > position_of(last))
        )
    assert (await checkpoint.load(log.store, "holds")).progress.after < appended.position


async def test_an_account_that_another_program_limits_is_forgotten(log: Log) -> None:
    """Its state is in the memory of the reactor, which would book on it."""
    ahead = timedelta(0)
    async with reacting(log, clock=lambda: datetime.now(UTC) + ahead):
        await place_holds(log.store, "a", [PAST, soon(3_600)])
        await until(lambda: ended(log, "a", 1))
        limit = NewEvent(id=uuid4(), type="$metadata", data=b'{"$maxCount": 1000}', metadata=b"{}")
        limited = await log.store.append(f"{METASTREAM}account-a", [limit], expected=NO_STREAM)
        await until(lambda: _checkpoint(log, lambda progress: progress.reached >= limited.position))
        ahead = timedelta(hours=2)
        await until(lambda: _checkpoint(log, lambda progress: progress.stuck == 1))
    assert (await endings(log.store, ["a"])).total() == 1


async def _checkpoint(log: Log, is_so: Callable[[Progress], bool]) -> bool:
    stored = await checkpoint.load(log.store, "holds")
    return stored.written is not None and is_so(stored.progress)
