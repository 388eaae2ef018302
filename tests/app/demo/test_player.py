"""The player of the demo, with a log in memory and a clock of the test."""

import asyncio
import logging
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from app.demo.player import PAUSE, play
from app.demo.story import PAST, REFUSALS, Request, month
from app.messages.running import demo_refused
from commands.accounts import Accounts
from commands.transfers import Transfers
from domain.accounts import MoneyDeposited
from domain.messages import insufficient_funds
from domain.transfers import TRANSFERS
from eventstore.codec import decode, decode_metadata
from eventstore.memory import MemoryStore, Records
from eventstore.store import METASTREAM, EventStore, NewEvent, Recorded, StoreUnavailable
from tests.kit.faults import Unreliable
from tests.kit.messages import pattern_of

pytestmark = pytest.mark.slow

SEED = 7
MORNING = datetime(2026, 2, 14, 8, tzinfo=UTC)
HISTORY = sum(len(list(month(SEED, MORNING.date(), number))) for number in range(PAST))


class Clock:
    """Time passes only during `sleep`. A sleep beyond the allowed number is cancelled."""

    def __init__(self, sleeps: int, now: datetime = MORNING) -> None:
        self._sleeps = sleeps
        self._now = now
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        if len(self.slept) == self._sleeps:
            raise asyncio.CancelledError
        self.slept.append(seconds)
        self._now += timedelta(seconds=seconds)
        await asyncio.sleep(0)

    def now(self) -> datetime:
        return self._now


async def play_steps(store: EventStore, steps: int, now: datetime = MORNING) -> Clock:
    """Plays `steps` steps; then the player is cancelled."""
    clock, accounts = Clock(steps, now), Accounts(store)
    with pytest.raises(asyncio.CancelledError):
        await play(accounts, Transfers(store, accounts), SEED, sleep=clock.sleep, now=clock.now)
    return clock


async def test_steps_are_played_at_the_pace_of_the_story() -> None:
    clock = await play_steps(MemoryStore(Records()), HISTORY + 40)
    assert clock.slept[:HISTORY] == [0] * HISTORY
    assert clock.slept[HISTORY:] == [step.after for step in month(SEED, MORNING.date(), PAST)][:40]


async def test_played_steps_are_booked_for_the_day_by_the_actor_demo() -> None:
    records = Records()
    await play_steps(MemoryStore(records), HISTORY + 1, MORNING + timedelta(days=3))
    last = records.all[-1]
    event = decode(last).event
    assert isinstance(event, MoneyDeposited)
    assert event.value_date == date(2026, 2, 17)
    assert decode_metadata(last).actor == "demo"


async def test_transfers_are_requested_once_each_also_after_a_restart() -> None:
    records, steps = Records(), list(month(SEED, MORNING.date(), PAST))
    await play_steps(MemoryStore(records), HISTORY + len(steps))
    for _ in range(3):
        await play_steps(MemoryStore(records), 50)
    requests = [each for each in records.all if each.stream.startswith(TRANSFERS.stream(""))]
    assert len(requests) > sum(isinstance(step.command, Request) for step in steps)
    assert {each.revision for each in requests} == {0}


@pytest.mark.parametrize("played", [0, 1, 20, 100, HISTORY, HISTORY + 1, HISTORY + 150, HISTORY + 4_000])
async def test_a_restart_continues_with_the_next_step_and_books_nothing_twice(played: int) -> None:
    whole, parts = Records(), Records()
    await play_steps(MemoryStore(whole), played + 60)
    await play_steps(MemoryStore(parts), played)
    await play_steps(MemoryStore(parts), 60)
    same = whole.all[: len(parts.all)]
    assert len(whole.all) - len(same) <= REFUSALS
    assert [(each.event_id, each.data) for each in parts.all] == [(each.event_id, each.data) for each in same]


async def test_a_restart_on_a_later_day_books_nothing_twice() -> None:
    records = Records()
    for days in (0, 1, 40, 400):
        await play_steps(MemoryStore(records), 700, MORNING + timedelta(days=days))
    names = Counter(decode_metadata(each).command_id for each in records.all)
    assert max(names.values()) == 1
    assert len(records.all) > 2_700


async def test_a_log_that_is_away_is_waited_for_and_gets_the_same_command() -> None:
    whole, records = Records(), Records()
    store = Unreliable(MemoryStore(records))
    await play_steps(MemoryStore(whole), 50)
    store.lose_requests = 5
    clock = await play_steps(store, 50 + 2)
    assert clock.slept.count(PAUSE) == 2
    assert [each.event_id for each in records.all] == [each.event_id for each in whole.all]


async def test_a_lost_reply_books_nothing_twice() -> None:
    whole, records = Records(), Records()
    store = Unreliable(MemoryStore(records))
    store.lose_replies = 5
    await play_steps(MemoryStore(whole), 50)
    await play_steps(store, 52)
    assert [each.event_id for each in records.all] == [each.event_id for each in whole.all]


class Away(MemoryStore):
    """Does not answer reads for a while."""

    refused = 3

    async def read_stream(
        self, stream: str, *, start: int | None = None, limit: int | None = None, backwards: bool = False
    ) -> list[Recorded]:
        if self.refused and not stream.startswith(METASTREAM):
            self.refused -= 1
            raise StoreUnavailable("it is away")
        return await super().read_stream(stream, start=start, limit=limit, backwards=backwards)


async def test_a_log_that_is_away_at_the_start_is_waited_for() -> None:
    records = Records()
    clock = await play_steps(Away(records), 10)
    assert clock.slept == [PAUSE] * 3 + [0] * 7
    assert len(records.all) == 7


async def test_an_account_that_is_stopped_is_left_out_and_the_story_continues() -> None:
    records = Records()
    await play_steps(MemoryStore(records), 50)
    stream, broken = records.all[-1].stream, len(records.streams[records.all[-1].stream])
    nonsense = NewEvent(uuid4(), "MoneyDeposited", b"", b"")
    records.append(stream, [nonsense], broken - 1)
    before = len(records.all)
    await play_steps(MemoryStore(records), 200)
    assert len(records.streams[stream]) == broken + 1
    assert len(records.all) > before + 50


async def test_a_refusal_is_logged_in_plain_words_and_the_story_continues(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    whole_month = len(list(month(SEED, MORNING.date(), PAST)))
    await play_steps(MemoryStore(Records()), HISTORY + whole_month)
    refusals = [record.getMessage() for record in caplog.records]
    assert len(refusals) == REFUSALS
    refusal = re.escape(demo_refused("")) + pattern_of(insufficient_funds)
    assert all(re.fullmatch(refusal, each) for each in refusals)
