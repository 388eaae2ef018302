"""Tasks end for certain, although redis-py may lose a cancellation."""

import asyncio
from contextlib import suppress

from web.tasks import end


async def _loses(cancellations: int) -> None:
    for _ in range(cancellations):
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
    await asyncio.Event().wait()


async def _started(cancellations: int) -> asyncio.Task[None]:
    task = asyncio.create_task(_loses(cancellations))
    await asyncio.sleep(0)
    return task


async def test_a_lost_cancellation_is_repeated() -> None:
    tasks = [await _started(lost) for lost in (0, 1, 2)]
    await end(tasks)
    assert all(task.cancelled() for task in tasks)


async def test_a_task_that_is_cancelled_again_while_it_ends_its_own_tasks_leaves_none_of_them() -> None:
    inner = await _started(4)

    async def outer() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await end([inner])

    task = asyncio.create_task(outer())
    await asyncio.sleep(0)
    await end([task])
    assert task.cancelled()
    assert inner.cancelled()


async def test_tasks_that_have_ended_are_left_alone() -> None:
    async def fails() -> None:
        raise RuntimeError

    failed = asyncio.create_task(fails())
    await asyncio.wait([failed])
    await end([failed])
    assert isinstance(failed.exception(), RuntimeError)
