"""A real node for tests: a process of its own on a port of its own, ended and reaped whatever the test does."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread

PROJECT = Path(__file__).resolve().parents[2]
PROGRAM = (sys.executable, "-m", "embedded.node")
START_SECONDS = 20.0
STOP_SECONDS = 10.0
_UP = re.compile(r"Node is up at \S+:(\d+)")


class Node:
    """Kept in the file `data`, or in memory. Started again, it listens on the port that it had before."""

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
        """What esdbclient takes."""
        return f"esdb://{self.address}?Tls=false"

    def start(self) -> None:
        self.process = subprocess.Popen(
            [*self._program, "--port", str(self.port), *self._arguments],
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            self.port = self._await_port()
        except BaseException:
            self.kill()
            raise

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def stop(self) -> int:
        """SIGTERM, and the exit code. Killed, and an error, when it does not end by itself."""
        self.process.terminate()
        try:
            return self.process.wait(STOP_SECONDS)
        finally:
            self.kill()

    def kill(self) -> None:
        """SIGKILL, as a crash would."""
        self.process.kill()
        self.process.wait(STOP_SECONDS)
        for stream in (self.process.stdout, self.process.stderr):
            if stream:
                stream.close()

    def _await_port(self) -> int:
        stdout = self.process.stdout
        assert stdout is not None
        lines: SimpleQueue[str] = SimpleQueue()
        Thread(target=lambda: lines.put(stdout.readline()), daemon=True).start()
        try:
            line = lines.get(timeout=START_SECONDS)
        except Empty:
            raise AssertionError(f"the node printed nothing within {START_SECONDS} s") from None
        found = _UP.match(line)
        if not found:
            self.process.wait(STOP_SECONDS)
            assert self.process.stderr is not None
            raise AssertionError(f"the node did not start: {line}{self.process.stderr.read()}")
        return int(found[1])


@contextmanager
def start_node(data: Path | None = None, *options: str, program: Sequence[str] = PROGRAM) -> Iterator[Node]:
    """A node on `data`, or in memory; `options` go to its command line, `program` is what to run for one."""
    node = Node(data, options, program)
    node.start()
    try:
        yield node
    finally:
        node.kill()
