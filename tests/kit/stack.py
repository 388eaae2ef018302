"""A complete Daybook for tests: `daybook up` with its own ports and folder, each part a real process."""

import json
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue

import httpx
import psutil

PROJECT = Path(__file__).resolve().parents[2]
START_SECONDS = 60.0
STOP_SECONDS = 10.0
ONE_CONNECTION = httpx.Limits(max_connections=1)


class Stack:
    """`url` is the pages' address, `data` its data folder. Its output is in `lines`."""

    def __init__(self, data: Path, *options: str) -> None:
        self.data = data
        self.process = subprocess.Popen(
            [sys.executable, "-m", "app", "up", "--port", "0", "--data", str(data), *options],
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []
        self._printed: SimpleQueue[str] = SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.url = self.await_line(r"Daybook is up at (\S+)", START_SECONDS)

    @property
    def esdb_uri(self) -> str:
        return str(json.loads((self.data / "addresses.json").read_text())["esdb_uri"])

    def part(self, words: str) -> psutil.Process:
        """The child whose command line contains these words, for example "app web"."""
        return self.parts(words)[0]

    def parts(self, words: str) -> list[psutil.Process]:
        children = psutil.Process(self.process.pid).children()
        return [child for child in children if words in " ".join(child.cmdline())]

    def kill(self, words: str) -> None:
        self.part(words).kill()

    def await_line(self, pattern: str, seconds: float) -> str:
        """The first group of the match in the next printed line that matches."""
        try:
            while True:
                if found := re.search(pattern, self._printed.get(timeout=seconds)):
                    return found[1] if found.groups() else found[0]
        except Empty:
            raise AssertionError(f"{pattern!r} was not printed: {self.lines}") from None

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """The exit code after that signal."""
        self.process.send_signal(number)
        try:
            return self.process.wait(timeout=STOP_SECONDS)
        finally:
            self.process.kill()
            self.process.wait()
            self._reader.join(timeout=5)

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as output:
            for line in output:
                self.lines.append(line.rstrip())
                self._printed.put(line)


@contextmanager
def stack(data: Path, *options: str) -> Iterator[Stack]:
    running = Stack(data, *options)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.stop()


@contextmanager
def connected(url: str, pid: int) -> Iterator[httpx.Client]:
    """A client whose only connection is to the web process with this pid, one of several on the port."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        with httpx.Client(base_url=url, timeout=10, trust_env=False, limits=ONE_CONNECTION) as http:
            if http.get("/health/live").json()["pid"] == pid:
                yield http
                return
        assert time.monotonic() < deadline, f"process {pid} accepts no connections"
