"""Waiting until read models have reached a position."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from projections.engine import waiting as engine
from projections.engine.clients import Redis
from projections.engine.waiting import Waiting
from projections.readmodels import READ_MODELS, balances
from tests.kit.journal import Journal
from tests.kit.projector import project_all, projecting


@asynccontextmanager
async def counted(redis: Redis) -> AsyncIterator[list[int]]:
    """The number of commands that Redis has got since the beginning, at the end."""
    found: list[int] = []
    before: Any = await redis.info("stats")
    yield found
    after: Any = await redis.info("stats")
    found.append(after["total_commands_processed"] - before["total_commands_processed"])


async def test_waiting_ends_when_the_position_is_reached_or_after_its_time(
    journal: Journal, url: str, redis: Redis
) -> None:
    journal.book("anna", 1)
    waiting = Waiting(redis, READ_MODELS)
    with projecting(lambda: journal.log, url):
        assert await waiting.reached(READ_MODELS, journal.all[-1].position, seconds=5)
        coming = journal.all[-1].position + 100
        other = asyncio.create_task(waiting.reached(READ_MODELS, coming, seconds=5))
        await asyncio.sleep(0.05)
        assert journal.book("anna", 2) == coming
        assert await other
        assert not await waiting.reached(READ_MODELS, coming + 100, seconds=0.05)


async def test_many_who_wait_cost_no_more_questions_than_one(
    journal: Journal, url: str, redis: Redis
) -> None:
    journal.book("anna", 1)
    project_all(lambda: journal.log, url)
    far = journal.all[-1].position + 100
    costs = []
    for number in (1, 300):
        waiting = Waiting(redis, READ_MODELS)
        async with counted(redis) as commands:
            waits = [waiting.reached(READ_MODELS, far, seconds=0.5) for _ in range(number)]
            assert not any(await asyncio.gather(*waits))
        costs += commands
    assert costs[1] < 2 * costs[0]


async def test_nothing_is_asked_while_nobody_waits(journal: Journal, url: str, redis: Redis) -> None:
    journal.book("anna", 1)
    project_all(lambda: journal.log, url)
    waiting = Waiting(redis, READ_MODELS)
    assert await waiting.reached((balances.MODEL,), journal.all[-1].position, seconds=5)
    await asyncio.sleep(0.2)
    async with counted(redis) as commands:
        await asyncio.sleep(0.3)
    assert commands[0] <= 2


async def test_who_waits_beyond_the_bound_is_answered_at_once(
    journal: Journal, url: str, redis: Redis, monkeypatch: Any
) -> None:
    monkeypatch.setattr(engine, "MOST", 2)
    journal.book("anna", 1)
    project_all(lambda: journal.log, url)
    waiting, far = Waiting(redis, READ_MODELS), journal.all[-1].position + 100
    others = [asyncio.create_task(waiting.reached(READ_MODELS, far, seconds=60)) for _ in range(2)]
    await asyncio.sleep(0)
    assert not await waiting.reached(READ_MODELS, far, seconds=60)
    for each in others:
        each.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    assert await waiting.reached(READ_MODELS, journal.all[-1].position, seconds=5)


async def test_a_wait_that_is_cancelled_leaves_the_others_waiting(
    journal: Journal, url: str, redis: Redis
) -> None:
    journal.book("anna", 1)
    waiting = Waiting(redis, READ_MODELS)
    with projecting(lambda: journal.log, url):
        assert await waiting.reached(READ_MODELS, journal.all[-1].position, seconds=5)
        coming = journal.all[-1].position + 100
        first, second = (
            asyncio.create_task(waiting.reached(READ_MODELS, coming, seconds=5)) for _ in range(2)
        )
        await asyncio.sleep(0.02)
        first.cancel()
        journal.book("anna", 2)
        assert await second
