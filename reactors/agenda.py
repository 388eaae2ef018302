"""The tasks that a reactor knows of: begun in the log and not ended there.

A task costs about 500 bytes, and stays until it is over: the number of active tasks bounds the memory. The agenda is
used by the thread that reads the log and by the one that acts.
"""

from heapq import heapify, heappop, heappush
from itertools import takewhile
from threading import Lock
from typing import Final

import msgspec

_SLACK: Final = 1_000


class Task(msgspec.Struct, gc=False):
    """`due` is in seconds since 1970. The fact it began with is event `revision` of `stream`.

    It is at `position` of the log. Whoever reads the log after position `after` comes across it. `is_stuck`: the last
    try failed, and another one will fail too until somebody repairs something.
    """

    key: str
    due: float
    stream: str
    revision: int
    after: int
    position: int
    is_stuck: bool = False


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a reactor is: its checkpoint.

    The log was read up to `reached`; whoever reads it after `after` comes across every task that is not over. `due` is
    when the next one is due, in seconds since 1970.
    """

    after: int = 0
    reached: int = 0
    tasks: int = 0
    stuck: int = 0
    due: float | None = None


class Agenda:
    """`reached` is the position up to which the log was read.

    `news` counts what was read, finished or found to be stuck; whoever saves the progress sets it to 0.
    `last` is the position and the id of the last event that was read, None before the first one.
    """

    def __init__(self, reached: int = 0) -> None:
        self.reached = reached
        self.last: tuple[int, str] | None = None
        self.news = 0
        self._tasks: dict[str, Task] = {}
        """In the order of the log."""
        self._times: list[tuple[float, str]] = []
        """A heap. What no longer fits the tasks in it is left out when it comes up."""
        self._over = reached
        """Nothing that began up to there is left to do."""
        self._lock = Lock()

    def begin(self, task: Task) -> bool:
        """Whether it is the next one that is due."""
        with self._lock:
            self._tasks.pop(task.key, None)
            self._tasks[task.key] = task
            self._schedule(task)
            return self._times[0][1] == task.key

    def has(self, key: str) -> bool:
        return key in self._tasks

    def end(self, key: str) -> None:
        with self._lock:
            self._tasks.pop(key, None)

    def end_up_to(self, position: int) -> None:
        """Another process has seen to everything that began up to there."""
        with self._lock:
            over = [
                key for key, _ in takewhile(lambda item: item[1].position <= position, self._tasks.items())
            ]
            for key in over:
                del self._tasks[key]
            self._over = max(self._over, position)

    def take(self, now: float, most: int) -> list[Task]:
        """Tasks that are due, for `finish` or `put_off`: until then they are not taken again."""
        taken: dict[str, Task] = {}
        with self._lock:
            while len(taken) < most and (task := self._first()) and task.due <= now:
                heappop(self._times)
                taken[task.key] = task
        return list(taken.values())

    def finish(self, task: Task) -> None:
        """Unless another task with its key has begun."""
        with self._lock:
            if self._tasks.get(task.key) is task:
                del self._tasks[task.key]
                self.news += 1

    def put_off(self, task: Task, due: float, *, is_stuck: bool) -> None:
        """If it has not ended in the meantime."""
        with self._lock:
            if self._tasks.get(task.key) is task:
                self.news += is_stuck != task.is_stuck
                task.due, task.is_stuck = due, is_stuck
                self._schedule(task)

    def next_due(self) -> float | None:
        with self._lock:
            task = self._first()
            return task.due if task else None

    def progress(self) -> Progress:
        with self._lock:
            oldest = next(iter(self._tasks.values()), None)
            usual = [task.due for task in self._tasks.values() if not task.is_stuck]
            return Progress(
                after=max(oldest.after, self._over) if oldest else self.reached,
                reached=self.reached,
                tasks=len(self._tasks),
                stuck=len(self._tasks) - len(usual),
                due=min(usual, default=None),
            )

    def _schedule(self, task: Task) -> None:
        heappush(self._times, (task.due, task.key))
        if len(self._times) > 2 * len(self._tasks) + _SLACK:
            self._times = [(each.due, each.key) for each in self._tasks.values()]
            heapify(self._times)

    def _first(self) -> Task | None:
        """The task of the heap's first entry, after entries that no longer fit are removed."""
        while self._times:
            due, key = self._times[0]
            task = self._tasks.get(key)
            if task is not None and task.due == due:
                return task
            heappop(self._times)
        return None
