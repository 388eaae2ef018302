"""A node for tests: a process of its own, on a free port. Standard library only.

    with start_node() as node, EventStoreDBClient(node.uri) as client:
        ...

To see what a program does when its server crashes, give the node a file: `kill` it, `start` it again, and what was
acknowledged is there, on the same port.
"""

import os
import re
import signal
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread

from esdbnode.wording import startup

PROGRAM = (sys.executable, "-P", "-m", "esdbnode")
START_SECONDS = 20.0
STOP_SECONDS = 10.0
_UP = re.compile(r"Node is up at \S+:(\d+)")


class Node:
    """Kept in the file `data`, or in memory. Started again, it listens on the port that it had before.

    `options` are those of the command line. `program` is what runs a node.
    """

    process: subprocess.Popen[str]

    def __init__(
        self, data: Path | None = None, options: Sequence[str] = (), program: Sequence[str] = PROGRAM
    ) -> None:
        self._program = program
        self._arguments = [*(["--data", str(data)] if data else ["--memory"]), *options]
        self.port = 0

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def uri(self) -> str:
        """What EventStoreDBClient takes, of a node without TLS."""
        return f"esdb://{self.address}?Tls=false"

    def start(self) -> None:
        """Returns once it listens. Raises AssertionError with its own words if it cannot start."""
        handle, name = tempfile.mkstemp(prefix="esdbnode-")
        self._errors = Path(name)
        with os.fdopen(handle, "wb") as errors:
            self.process = subprocess.Popen(
                [*self._program, "--port", str(self.port), *self._arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env=environment(),
            )
        try:
            self.port = self._await_port()
        except BaseException:
            self.kill()
            raise

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def errors(self) -> str:
        """What the node has written to standard error since its start."""
        return self._errors.read_text(errors="replace")

    def stop(self) -> int:
        """SIGTERM. Returns the exit code; raises TimeoutExpired, and kills the node, if it does not end by itself."""
        self.process.terminate()
        try:
            return self.process.wait(STOP_SECONDS)
        finally:
            self.kill()

    def kill(self) -> None:
        """SIGKILL, as a crash would."""
        self.process.kill()
        self.process.wait(STOP_SECONDS)
        if self.process.stdout:
            self.process.stdout.close()
        self._errors.unlink(missing_ok=True)

    def _await_port(self) -> int:
        stdout = self.process.stdout
        assert stdout is not None
        lines: SimpleQueue[str] = SimpleQueue()
        Thread(target=lambda: lines.put(stdout.readline()), daemon=True).start()
        try:
            line = lines.get(timeout=START_SECONDS)
        except Empty:
            raise AssertionError(startup.printed_nothing(START_SECONDS)) from None
        found = _UP.match(line)
        if not found:
            self.process.wait(STOP_SECONDS)
            raise AssertionError(startup.not_started(line + self.errors()))
        return int(found[1])


@contextmanager
def start_node(data: Path | None = None, *options: str, program: Sequence[str] = PROGRAM) -> Iterator[Node]:
    """A running node, as `Node` describes it; killed at the end of the block."""
    node = Node(data, options, program)
    node.start()
    try:
        yield node
    finally:
        node.kill()


def environment() -> dict[str, str]:
    """Lets a child import this package from where this process has it, also if it is not installed."""
    folder = str(Path(__file__).parents[1])
    if folder == sysconfig.get_path("purelib"):
        return dict(os.environ)
    search = os.pathsep.join(filter(None, [folder, os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": search}
