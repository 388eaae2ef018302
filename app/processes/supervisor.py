"""Keeps a table of child processes running: started in order, restarted with backoff, ended in reverse.

It waits only for events (a child's output, its end, a signal). No child outlives the supervisor, however the
supervisor ends.
"""

import asyncio
import contextlib
import os
import re
import signal
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from app.messages import running as messages
from app.processes.children import lines_of, say, spawn, use_pidfds
from app.refusal import Refusal

FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 5.0
HEALTHY_SECONDS: Final = 10.0
"""Seconds. If a child was ready for this time, its backoff starts from the beginning."""
ATTEMPTS: Final = 3
"""How often a part may end before it was ever ready. After that the supervisor gives up."""
TURN_SECONDS: Final = 0.7
"""How long the end of one child may take before the next child is ended too."""
GRACE_SECONDS: Final = 4.0
"""How long all children together may take to end. After that they are killed."""


Reloader = Callable[[Callable[[str, str], None]], Coroutine[None, None, None]]
"""Runs as long as the parts. It restarts parts by calling `restart(their kind, reason)`."""


class Part(NamedTuple):
    """A child to keep running. It is ready when it prints a line that contains `ready`, within `ready_within` s.

    Lines that match the regular expression `routine` are not passed on. `inherits` are open file descriptors for it.
    Parts of one kind are neighbours in the table, "web 1", "web 2"...: they are started, and ended, together.
    """

    name: str
    argv: tuple[str, ...]
    ready: str
    ready_within: float = 30.0
    routine: str = r"^$"
    inherits: tuple[int, ...] = ()

    @property
    def kind(self) -> str:
        return self.name.partition(" ")[0]


def supervise(
    parts: Sequence[Part],
    when_ready: Callable[[], Awaitable[None]],
    *,
    show_output: bool = True,
    reloader: Reloader | None = None,
) -> None:
    """Runs the parts until SIGINT, SIGTERM or SIGHUP. Refusal if one never becomes ready."""
    use_pidfds()
    asyncio.run(_supervise(parts, when_ready, show_output, reloader))


async def _supervise(
    parts: Sequence[Part],
    when_ready: Callable[[], Awaitable[None]],
    show_output: bool,
    reloader: Reloader | None,
) -> None:
    stop, kill = _signals()
    children = [Child(part, stop, show_output) for part in parts]
    started: list[asyncio.Task[None]] = []
    reloading: asyncio.Task[None] | None = None
    try:
        for group in _by_kind(children):
            started += [asyncio.create_task(child.keep()) for child in group]
            await _any(_all_ready(group), stop.wait(), *started)
            _raise_failures(started)
            if stop.is_set():
                return
        announcing = asyncio.ensure_future(when_ready())
        await _any(announcing, stop.wait())
        if not announcing.cancel():
            announcing.result()
        if reloader is not None:
            reloading = asyncio.create_task(reloader(_restarter(children)))
            started.append(reloading)
        await _any(stop.wait(), *started)
        _raise_failures(started)
    finally:
        stop.set()
        if reloading is not None:
            reloading.cancel()
        await _end(dict(zip(children, started, strict=False)), kill)


def _restarter(children: Iterable["Child"]) -> Callable[[str, str], None]:
    def restart(kind: str, reason: str) -> None:
        for child in children:
            if child.part.kind == kind:
                child.restart(reason)

    return restart


def _by_kind(children: Iterable["Child"]) -> list[list["Child"]]:
    return [list(group) for _, group in groupby(children, key=lambda child: child.part.kind)]


async def _all_ready(children: Iterable["Child"]) -> None:
    for child in children:
        await child.ready.wait()


def _signals() -> tuple[asyncio.Event, asyncio.Event]:
    """`stop`, which the first signal sets, and `kill`, which a second Ctrl-C sets."""
    stop, kill = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGINT, lambda: (kill if stop.is_set() else stop).set())
    return stop, kill


class Child:
    """One part and its current process."""

    def __init__(self, part: Part, stop: asyncio.Event, show_output: bool) -> None:
        self.part = part
        self.stop = stop
        self.show_output = show_output
        self.ready = asyncio.Event()
        self.ready_since = 0.0
        self.restarting = False
        self.refusal = ""
        """The sentence with which the part's process refused to start."""
        self.process: asyncio.subprocess.Process | None = None

    def restart(self, reason: str) -> None:
        """Ends the part's process if it runs, so that it is started again at once."""
        say(messages.part_restarts(self.part.name, reason))
        self.restarting = self.process is not None
        self.signal(signal.SIGTERM)

    async def keep(self) -> None:
        """Starts the part again whenever it ends, until `stop` is set."""
        pause, attempts, was_ready = FIRST_PAUSE, 0, False
        while True:
            status, seconds = await self.live()
            if self.stop.is_set():
                return
            if self.restarting:
                self.restarting, pause, attempts = False, FIRST_PAUSE, 0
                continue
            was_ready, attempts = was_ready or seconds > 0, attempts + 1
            if self.refusal and not was_ready:
                raise Refusal(f"{self.part.name}: {self.refusal}", 1)
            if attempts >= ATTEMPTS and not was_ready:
                raise Refusal(messages.part_never_ready(self.part.name, attempts, _how(status)), 1)
            if seconds >= HEALTHY_SECONDS:
                pause = FIRST_PAUSE
            say(messages.part_ended(self.part.name, _how(status), pause))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stop.wait(), pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def live(self) -> tuple[int, float]:
        """Runs the part's process once. Returns how it ended and for how many seconds it was ready."""
        loop = asyncio.get_running_loop()
        self.ready_since = 0.0
        self.process, output, pipe = await spawn(self.part.argv, self.part.inherits)
        if self.stop.is_set():
            self.signal(signal.SIGTERM)
        overdue = loop.call_later(self.part.ready_within, self._overdue)
        reading = asyncio.create_task(self._read(output))
        status = await self.process.wait()
        seconds = loop.time() - self.ready_since if self.ready_since else 0.0
        overdue.cancel()
        self.process = None
        self.ready.clear()
        await asyncio.wait({reading}, timeout=0.2)  # a grandchild may hold the pipe open for longer
        reading.cancel()
        pipe.close()
        return status, seconds

    async def _read(self, output: asyncio.StreamReader) -> None:
        async for line in lines_of(output):
            if self.part.ready in line and not self.ready.is_set():
                self.ready_since = asyncio.get_running_loop().time()
                self.ready.set()
            self.refusal = line.partition(f"daybook {self.part.kind}: ")[2] or self.refusal
            if self.show_output and not re.search(self.part.routine, line):
                say(line, self.part.name)

    def _overdue(self) -> None:
        if not self.ready.is_set():
            say(messages.part_not_ready_in_time(self.part.name, self.part.ready_within))
            self.signal(signal.SIGKILL)

    def signal(self, number: signal.Signals) -> None:
        """SIGKILL also reaches the processes that the child has started."""
        if self.process and self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                send = os.killpg if number == signal.SIGKILL else os.kill
                send(self.process.pid, number)


async def _end(tasks: Mapping[Child, asyncio.Task[None]], kill: asyncio.Event) -> None:
    """In reverse order: SIGTERM and some time for each kind. SIGKILL after GRACE_SECONDS or a second Ctrl-C."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + GRACE_SECONDS
    for group in reversed(_by_kind(tasks)):
        for child in group:
            child.signal(signal.SIGTERM)
        await _any(asyncio.wait([tasks[child] for child in group]), kill.wait(), within=TURN_SECONDS)
    everyone = asyncio.gather(*tasks.values(), return_exceptions=True)
    await _any(everyone, kill.wait(), within=max(0.0, deadline - loop.time()))
    for child in tasks:
        child.signal(signal.SIGKILL)
    await everyone


async def _any(*awaitables: Awaitable[object], within: float | None = None) -> None:
    """Waits for the first of them, for at most `within` s. Does not cancel them if they are tasks or futures."""
    futures = [asyncio.ensure_future(awaitable) for awaitable in awaitables]
    try:
        await asyncio.wait(futures, timeout=within, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for awaitable, future in zip(awaitables, futures, strict=True):
            if future is not awaitable:
                future.cancel()


def _raise_failures(tasks: Iterable[asyncio.Task[None]]) -> None:
    for task in tasks:
        if task.done():
            task.result()


def _how(status: int) -> str:
    return messages.exit_code(status) if status >= 0 else signal.Signals(-status).name
