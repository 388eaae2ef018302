import asyncio
import re

import pytest

from commands import messages
from commands.turns import QueueFull, Turns


async def test_only_one_at_a_time_runs_in_order_of_arrival() -> None:
    turns = Turns(length=10, patience=5)
    order: list[str] = []

    async def visit(n: int) -> None:
        async with turns.turn("a"):
            order.append(f"in {n}")
            await asyncio.sleep(0.001)
            order.append(f"out {n}")

    await asyncio.gather(*(visit(n) for n in range(5)))
    assert order == [f"{way} {n}" for n in range(5) for way in ("in", "out")]


async def test_other_keys_do_not_wait() -> None:
    turns = Turns(length=10, patience=5)
    async with turns.turn("a"), turns.turn("b"):
        pass


async def test_a_queue_has_a_limited_length() -> None:
    turns = Turns(length=2, patience=5)
    async with turns.turn("a"):
        waiting = asyncio.create_task(_visit(turns))
        await asyncio.sleep(0)
        with pytest.raises(QueueFull, match=re.escape(messages.callers_wait(2, "a"))):
            await _visit(turns)
    await waiting
    await _visit(turns)


async def test_a_wait_never_takes_longer_than_the_patience() -> None:
    turns = Turns(length=10, patience=0.01)
    async with turns.turn("a"):
        with pytest.raises(QueueFull, match=re.escape(messages.not_free_in_time("a", 0.01))):
            await _visit(turns)
    await _visit(turns)


async def test_a_caller_that_gives_up_leaves_the_queue() -> None:
    turns = Turns(length=2, patience=5)
    async with turns.turn("a"):
        waiting = asyncio.create_task(_visit(turns))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        waiting = asyncio.create_task(_visit(turns))
        await asyncio.sleep(0)
    await waiting


async def _visit(turns: Turns) -> None:
    async with turns.turn("a"):
        pass
