"""The web process for tests: `served` with a log in memory, a real Valkey and a real projector."""

import json
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any
from uuid import uuid4

import httpx

from tests.kit.projector import until

PROJECT = Path(__file__).resolve().parents[2]
START_SECONDS = 20.0


class Served:
    """`url` is its address. Its log is in `lines`."""

    def __init__(self, redis_url: str, data: Path, *options: str) -> None:
        command = [sys.executable, "-m", "tests.kit.served", "--redis", redis_url, "--data", str(data)]
        self.process = subprocess.Popen(
            [*command, *options],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []
        self._printed: SimpleQueue[str] = SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self.url = self._await_url()
            for path in ("/health/ready", "/api/users"):  # the names of people are read last
                until(partial(self._answers, path), START_SECONDS)
        except BaseException:
            self.kill()
            raise

    def _answers(self, path: str) -> bool:
        return httpx.get(f"{self.url}{path}").status_code == 200

    def burst(self, entries: int) -> None:
        """Book this many entries at once, on accounts acc-0 to acc-199."""
        self._write(str(entries))

    def scribble(self, account: str) -> None:
        """Write an event that cannot be read to the stream of `account`."""
        self._write(account)

    def _write(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def stop(self) -> int:
        """The exit code after SIGTERM."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=10)
        finally:
            self.kill()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self._reader.join(timeout=5)
        assert self.process.stdin is not None
        self.process.stdin.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as output:
            for line in output:
                self.lines.append(line)
                self._printed.put(line)

    def _await_url(self) -> str:
        try:
            while True:
                line = self._printed.get(timeout=START_SECONDS)
                if found := re.search(r"Web is up at (\S+)", line):
                    return f"http://{found[1]}"
        except Empty:
            raise AssertionError(f"the web process did not start: {self.lines}") from None


@contextmanager
def served(redis_url: str, data: Path, *options: str) -> Iterator[Served]:
    process = Served(redis_url, data, *options)
    try:
        yield process
    finally:
        if process.process.poll() is None:
            process.stop()


class Api:
    """The JSON API, for tests that need an entry."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=10, trust_env=False)

    def post(self, path: str, body: dict[str, Any], key: str | None = None) -> httpx.Response:
        return self.http.post(path, json=body, headers={"Idempotency-Key": key or str(uuid4())})

    def open(self, account: str, currency: str = "CZK") -> None:
        """The read models have it afterwards."""
        answer = self.post("/api/accounts", {"account_id": account, "currency": currency})
        assert answer.status_code == 201, answer.text
        self.shown(account, answer.json()["position"])

    def booked(self, path: str, **body: str) -> dict[str, Any]:
        """A command below /api/accounts/, which the read models show afterwards."""
        answer = self.post(f"/api/accounts/{path}", body)
        assert answer.status_code == 201, answer.text
        self.shown(path.partition("/")[0], answer.json()["position"])
        return dict(answer.json())

    def deposit(self, account: str, amount: str, **more: str) -> dict[str, Any]:
        answer = self.post(f"/api/accounts/{account}/deposits", {"amount": amount, **more})
        assert answer.status_code == 201, answer.text
        return dict(json.loads(answer.text))

    def shown(self, account: str, position: int) -> dict[str, Any]:
        """The account as the read models have it when they have reached `position`."""
        answer = self.http.get(f"/api/accounts/{account}", params={"min_position": position})
        assert answer.status_code == 200, answer.text
        assert not answer.json()["settling"]
        return dict(answer.json())
