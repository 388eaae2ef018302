import asyncio
import gc
import re
import weakref
from collections.abc import Callable, Sequence
from contextlib import suppress
from contextvars import ContextVar

import pytest

from commands import messages
from commands.turns import QueueFull, Rivals, Turns


class Work:
    """Takes its time: as many turns end as `end` says. `turns` has what was wanted in each."""

    def __init__(self) -> None:
        self.turns: list[list[str]] = []
        self._ends = asyncio.Semaphore(0)

    def end(self, turns: int = 10) -> None:
        for _ in range(turns):
            self._ends.release()

    async def __call__(self, key: str, wanted: Sequence[str], rivals: Rivals) -> Sequence[str | Exception]:
        self.turns.append([*wanted])
        await self._ends.acquire()
        if "broken" in wanted:
            raise OSError(key)
        return [ValueError(each) if each == "refused" else f"{key} {each}" for each in wanted]


@pytest.fixture
def work() -> Work:
    return Work()


Made = Callable[..., Turns[str, str]]


@pytest.fixture
def made(work: Work) -> Made:
    def make(length: int = 10, patience: float = 5, together: int = 10) -> Turns[str, str]:
        return Turns(work, length=length, patience=patience, together=together)

    return make


async def started(turns: Turns[str, str], *wanted: str, key: str = "a") -> list[asyncio.Task[str]]:
    tasks = [asyncio.create_task(turns.ask(key, each)) for each in wanted]
    await asyncio.sleep(0)
    return tasks


async def test_those_that_come_during_a_turn_share_the_next_one_in_order(work: Work, made: Made) -> None:
    tasks = await started(made(), "1", "2", "3", "4")
    assert work.turns == [["1"]]
    work.end()
    assert await asyncio.gather(*tasks) == ["a 1", "a 2", "a 3", "a 4"]
    assert work.turns == [["1"], ["2", "3", "4"]]


async def test_a_turn_has_a_limited_size(work: Work, made: Made) -> None:
    tasks = await started(made(together=2), *"12345")
    work.end()
    await asyncio.gather(*tasks)
    assert work.turns == [["1"], ["2", "3"], ["4", "5"]]


async def test_other_keys_do_not_wait(work: Work, made: Made) -> None:
    turns = made()
    tasks = await started(turns, "1") + await started(turns, "2", key="b")
    assert work.turns == [["1"], ["2"]]
    work.end()
    await asyncio.gather(*tasks)


async def test_each_has_its_own_answer_or_refusal(work: Work, made: Made) -> None:
    tasks = await started(made(), "refused", "1", "refused", "2")
    work.end()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert [str(each) for each in answers] == ["refused", "a 1", "refused", "a 2"]
    assert [type(each) for each in answers] == [ValueError, str, ValueError, str]


async def test_a_turn_that_fails_fails_for_all_of_it_and_the_next_one_goes_on(work: Work, made: Made) -> None:
    tasks = await started(made(together=2), "1", "broken", "2", "3")
    work.end()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(each) for each in answers] == [str, OSError, OSError, str]


async def test_a_queue_has_a_limited_length(work: Work, made: Made) -> None:
    turns = made(length=1)
    tasks = await started(turns, "1", "2")
    with pytest.raises(QueueFull, match=re.escape(messages.callers_wait(1, "a"))):
        await turns.ask("a", "3")
    work.end()
    await asyncio.gather(*tasks)
    assert await turns.ask("a", "4") == "a 4"


async def test_a_wait_for_a_turn_never_takes_longer_than_the_patience(work: Work, made: Made) -> None:
    turns = made(patience=0.01)
    tasks = await started(turns, "1")
    with pytest.raises(QueueFull, match=re.escape(messages.not_free_in_time("a", 0.01))):
        await turns.ask("a", "2")
    work.end()
    await asyncio.gather(*tasks)
    assert work.turns == [["1"]]


async def test_a_turn_that_has_begun_may_take_longer_than_the_patience(work: Work, made: Made) -> None:
    turns = made(patience=0.05)
    first, second = await started(turns, "1", "2")
    work.end(1)
    await first
    await asyncio.sleep(0.1)
    assert not second.done()
    work.end()
    assert await second == "a 2"


async def test_a_caller_that_gives_up_leaves_the_queue(work: Work, made: Made) -> None:
    turns = made(length=1)
    first, second = await started(turns, "1", "2")
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    (third,) = await started(turns, "3")
    work.end()
    assert (await first, await third) == ("a 1", "a 3")
    assert work.turns == [["1"], ["3"]]


async def test_a_caller_that_gives_up_during_its_turn_ends_it_for_nobody_else(work: Work, made: Made) -> None:
    first, second, third = await started(made(), "1", "2", "3")
    work.end(1)
    await first
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    work.end()
    assert await third == "a 3"


async def test_a_caller_that_works_by_itself_and_gives_up_leaves_the_others_their_turn(
    work: Work, made: Made
) -> None:
    first, second = await started(made(), "1", "2")
    first.cancel()
    work.end()
    assert await second == "a 2"


async def test_at_the_end_nobody_waits_any_more(work: Work, made: Made) -> None:
    turns = made(together=1)
    first, second, third = await started(turns, "1", "2", "3")
    first.cancel()
    await asyncio.sleep(0.01)
    assert work.turns == [["1"], ["2"]]
    await turns.close()
    answers = await asyncio.gather(first, second, third, return_exceptions=True)
    assert [type(each) for each in answers] == [asyncio.CancelledError, asyncio.CancelledError, QueueFull]
    with pytest.raises(QueueFull, match=messages.CLOSING):
        await turns.ask("a", "4")


async def test_at_the_end_a_caller_that_works_by_itself_ends_by_itself(work: Work, made: Made) -> None:
    turns = made()
    first, second = await started(turns, "1", "2")
    await turns.close()
    work.end()
    answers = await asyncio.gather(first, second, return_exceptions=True)
    assert (answers[0], type(answers[1])) == ("a 1", QueueFull)


async def test_a_turn_is_not_about_the_request_of_one_of_its_callers(work: Work, made: Made) -> None:
    request = ContextVar("request", default="none")

    async def seen(key: str, wanted: Sequence[str], rivals: Rivals) -> Sequence[str | Exception]:
        await work(key, wanted, rivals)
        return [request.get()] * len(wanted)

    async def asking(name: str) -> str:
        request.set(name)
        return await turns.ask("a", name)

    turns = Turns(seen, length=10, patience=5, together=10)
    tasks = [asyncio.create_task(asking(name)) for name in ("1", "2", "3")]
    await asyncio.sleep(0)
    work.end()
    assert await asyncio.gather(*tasks) == ["1", "none", "none"]


async def test_a_refusal_keeps_nothing_of_its_caller_in_memory(work: Work, made: Made) -> None:
    class Large:
        pass

    async def asking(turns: Turns[str, str]) -> weakref.ref[Large]:
        large = Large()
        with suppress(ValueError):
            await turns.ask("a", "refused")
        return weakref.ref(large)

    work.end()
    gc.disable()
    try:
        found = await asyncio.gather(*(asking(turns) for turns in [made()] * 3))
        assert [each() for each in found] == [None] * 3
    finally:
        gc.enable()
