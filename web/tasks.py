"""The end of tasks that run as long as the process."""

import asyncio
from collections.abc import Iterable
from typing import Any


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancels them until they have ended.

    redis-py reads with `asyncio.wait_for`, which may lose a cancellation before Python 3.12. So it is repeated.
    """
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=0.1)
