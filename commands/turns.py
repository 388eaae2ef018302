"""One turn at a time for each key, for all that wait: commands on one account share an append, and do not conflict."""

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextvars import Context
from typing import Final, Generic, TypeVar

from commands import messages

_COURTEOUS: Final = 2
"""How many turns make way for another process that was met."""
_WAY: Final = 0.004
"""Seconds: a read and an append of the other process fit in."""

T = TypeVar("T")
R = TypeVar("R")


class QueueFull(Exception):
    """Too many callers wait for this key, or the wait took too long."""


class Rivals:
    """Writers of other processes that were met at a key."""

    def __init__(self) -> None:
        self._left = 0

    def met(self) -> None:
        """The next turns begin a little later, so that the other process gets its turn too."""
        self._left = _COURTEOUS

    async def make_way(self) -> None:
        if self._left:
            self._left -= 1
            await pause(_WAY)


class _Place(Generic[T, R]):
    """Of a caller that waits. `has_begun`: its turn has."""

    def __init__(self, wanted: T) -> None:
        self.wanted = wanted
        self.answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self.has_begun = False

    def fail(self, error: Exception) -> None:
        """Unless its caller has given up."""
        if not self.answer.done():
            self.answer.set_exception(error)


class _Queue(Generic[T, R]):
    """Of one key, while somebody works or waits there."""

    def __init__(self) -> None:
        self.rivals = Rivals()
        self.waiting: deque[_Place[T, R]] = deque()


class Turns(Generic[T, R]):
    """`work(key, wanted, rivals)` does what several callers of one key want, and has an answer or a failure for each.

    At most `length` callers wait for a key, each at most `patience` seconds until its turn begins; at most `together`
    of them have one turn. A caller that finds nobody works by itself, at once.
    """

    def __init__(
        self,
        work: Callable[[str, Sequence[T], Rivals], Awaitable[Sequence[R | Exception]]],
        *,
        length: int,
        patience: float,
        together: int,
    ) -> None:
        self._work, self._length, self._patience, self._together = work, length, patience, together
        self._queues: dict[str, _Queue[T, R]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_closed = False

    async def ask(self, key: str, wanted: T) -> R:
        """Raises QueueFull, and the failure that `work` has for it."""
        if self._is_closed:
            raise QueueFull(messages.CLOSING)
        queue = self._queues.get(key)
        if queue is not None:
            return await self._wait(key, queue, wanted)
        queue = self._queues[key] = _Queue()
        try:
            (answer,) = await self._work(key, [wanted], queue.rivals)
        finally:
            self._go_on(key, queue)
        if not isinstance(answer, Exception):
            return answer
        try:
            raise answer
        finally:
            del answer  # its traceback would keep it, and all that the caller has

    async def close(self) -> None:
        """Turns that several share are cancelled, and so are their callers. Who works by itself ends by itself, and all
        others get QueueFull.
        """
        self._is_closed = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for queue in self._queues.values():
            for place in queue.waiting:
                place.fail(QueueFull(messages.CLOSING))

    async def _wait(self, key: str, queue: _Queue[T, R], wanted: T) -> R:
        if len(queue.waiting) >= self._length:
            raise QueueFull(messages.callers_wait(len(queue.waiting), key))
        place = _Place[T, R](wanted)
        queue.waiting.append(place)
        try:
            await asyncio.wait([place.answer], timeout=self._patience)
            if not place.has_begun and not place.answer.done():
                raise QueueFull(messages.not_free_in_time(key, self._patience))
            return await place.answer
        finally:
            if not place.has_begun:
                queue.waiting.remove(place)
            place.answer.cancel()
            del place  # as above

    def _go_on(self, key: str, queue: _Queue[T, R]) -> None:
        """With those that wait, in a task of its own, so that none of them ends it for the others by giving up. Lines
        of the log do not name the request that came before.
        """
        if not queue.waiting:
            del self._queues[key]
        elif not self._is_closed:
            task = asyncio.create_task(self._serve(key, queue), context=Context())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _serve(self, key: str, queue: _Queue[T, R]) -> None:
        turn: list[_Place[T, R]] = []
        try:
            await queue.rivals.make_way()
            turn = [queue.waiting.popleft() for _ in range(min(self._together, len(queue.waiting)))]
            for place in turn:
                place.has_begun = True
            if turn:
                _give(turn, await self._answers(key, queue, [place.wanted for place in turn]))
        finally:
            for place in turn:
                place.answer.cancel()  # unless it has its answer
            self._go_on(key, queue)

    async def _answers(self, key: str, queue: _Queue[T, R], wanted: Sequence[T]) -> Sequence[R | Exception]:
        try:
            return await self._work(key, wanted, queue.rivals)
        except Exception as error:
            return [error] * len(wanted)


def _give(turn: Iterable[_Place[T, R]], answers: Iterable[R | Exception]) -> None:
    for place, answer in zip(turn, answers, strict=True):
        if isinstance(answer, Exception):
            place.fail(answer)
        elif not place.answer.done():
            place.answer.set_result(answer)


async def pause(longest: float) -> None:
    """Up to `longest` seconds, each time another one, so that two processes do not stay in step."""
    await asyncio.sleep(random.uniform(0, longest))  # noqa: S311  jitter is not a secret
