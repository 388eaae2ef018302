"""The end of tasks that run as long as the process."""

import asyncio
from collections.abc import Iterable
from typing import Any, Final

AGAIN_SECONDS: Final = 0.1


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancels them until they have ended, also if it is cancelled itself meanwhile.

    redis-py writes with `asyncio.wait_for`, which may lose a cancellation before Python 3.12. So it is repeated.
    """
    left = {task for task in tasks if not task.done()}
    own: asyncio.CancelledError | None = None
    while left:
        for task in left:
            task.cancel()
        try:
            _, left = await asyncio.wait(left, timeout=AGAIN_SECONDS)
        except asyncio.CancelledError as error:
            own = error
            left = {task for task in left if not task.done()}
    if own:
        raise own
