"""A real Valkey for tests: on a Unix socket in a temporary folder, which ends with the block, or with killed tests."""

import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from app.processes.children import dies_with_parent
from app.processes.valkey import find_server


class Valkey:
    """A server process that can be killed, stopped and started again over the same data."""

    def __init__(self, folder: Path, program: Path, *options: str) -> None:
        self.folder, self.program, self.options = folder, program, options
        self.url = f"unix://{folder / 'socket'}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        (self.folder / "socket").unlink(missing_ok=True)
        command = [str(self.program), "--port", "0", "--unixsocket", str(self.folder / "socket")]
        command += [
            "--dir",
            str(self.folder),
            "--save",
            "",
            "--logfile",
            str(self.folder / "log"),
            *self.options,
        ]
        self.process = subprocess.Popen(command, preexec_fn=dies_with_parent(signal.SIGKILL))
        self._wait()

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(timeout=10)
            self.process = None

    def _wait(self) -> None:
        deadline = time.monotonic() + 10
        with redis.Redis.from_url(self.url) as client:
            while True:
                try:
                    client.ping()
                    return
                except redis.RedisError:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.02)


@contextmanager
def valkey(*options: str, program: Path | None = None) -> Iterator[Valkey]:
    """`program` is the server to run; None: the one that Daybook would start."""
    folder = Path(tempfile.mkdtemp(prefix="daybook-valkey-"))
    server = Valkey(folder, program or find_server(), *options)
    try:
        server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)
