"""Child processes: they die with this one; their output is read line by line and passed on to stderr."""

import asyncio
import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final, NamedTuple

from app.logs import format_for
from app.logs import line as json_line
from app.messages import running as messages
from app.setup.environment import search_path

LINE_LIMIT: Final = 1 << 16
SHOWN_BYTES: Final = 2048
"""How many bytes of a line are passed on: fewer than the 4096 that a writable pipe accepts without blocking."""
STALL_SECONDS: Final = 0.1
STOP_SECONDS: Final = 6.0

_PR_SET_PDEATHSIG: Final = 1
_libc: Final = ctypes.CDLL(None)
_stalled = False


class Spawned(NamedTuple):
    """A child and its output. Close `pipe` at the end."""

    process: asyncio.subprocess.Process
    output: asyncio.StreamReader
    pipe: asyncio.ReadTransport


async def spawn(argv: Sequence[str], inherits: Sequence[int] = ()) -> Spawned:
    """Starts a child in its own session: a terminal's Ctrl-C reaches only its parent, which then ends it.

    `inherits` are the file descriptors that it gets, under the same numbers.
    """
    reading, writing = os.pipe()
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=subprocess.DEVNULL,
            stdout=writing,
            stderr=writing,
            env=child_environment(),
            pass_fds=inherits,
            start_new_session=True,
            preexec_fn=dies_with_parent(signal.SIGKILL),
        )
    except BaseException:
        os.close(reading)
        raise
    finally:
        os.close(writing)
    output = asyncio.StreamReader(limit=LINE_LIMIT)
    protocol = asyncio.StreamReaderProtocol(output)
    file = os.fdopen(reading, "rb", buffering=0)
    pipe, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, file)
    return Spawned(process, output, pipe)


@contextlib.contextmanager
def helper(words: Sequence[str], environ: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A verb of this program that runs for the time of the block. Its standard output is a pipe."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "app", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env={**child_environment(), **environ},
        start_new_session=True,
        preexec_fn=dies_with_parent(signal.SIGTERM),
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def child_environment() -> dict[str, str]:
    """Python children find the project, and print line by line."""
    return {**os.environ, "PYTHONPATH": search_path(), "PYTHONUNBUFFERED": "1"}


def dies_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """Runs in the child: the kernel sends it signal `number` when its parent's thread ends. Only Linux can do this."""
    return partial(die_with, os.getpid(), number) if sys.platform == "linux" else None


def die_with(parent: int, number: signal.Signals) -> None:
    """The kernel sends this process signal `number` when the thread of `parent` that started it ends. Linux only."""
    if sys.platform == "linux":
        _libc.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def use_pidfds() -> None:
    """Python 3.11 would keep a thread for every child; later versions use pidfds by default."""
    if sys.platform == "linux" and sys.version_info < (3, 12):
        with contextlib.suppress(OSError):
            os.close(os.pidfd_open(os.getpid()))
            asyncio.set_child_watcher(asyncio.PidfdChildWatcher())


async def lines_of(output: asyncio.StreamReader) -> AsyncIterator[str]:
    while True:
        try:
            line = await output.readline()
        except ValueError:
            yield messages.line_left_out(LINE_LIMIT)
            continue
        if not line:
            return
        yield line.decode(errors="replace").rstrip()


def say(line: str, speaker: str = "daybook") -> None:
    """Writes to stderr and never blocks: lines that are not read in time are dropped."""
    global _stalled
    as_json = format_for(os.environ.get("DAYBOOK_LOG_FORMAT")) == "json"
    text = (json_line(speaker, line) if as_json else f"{speaker:<9} | {line}").encode()
    if len(text) > SHOWN_BYTES:
        text = json_line(speaker, line[: SHOWN_BYTES // 4]).encode() if as_json else text[:SHOWN_BYTES]
    text += b"\n"
    with contextlib.suppress(OSError):
        _stalled = not select.select([], [2], [], 0 if _stalled else STALL_SECONDS)[1]
        if not _stalled:
            os.write(2, text)
