"""Deposits over HTTP with wrk, as fast as they are answered, and what they cost each part of Daybook."""

import json
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.kit import Daybook

SCRIPT: Final = Path(__file__).with_name("deposits.lua")
CONNECTIONS: Final = 64
TIMEOUT: Final = "30s"
SETTLE: Final = 1.0
"""Seconds until the projector and the reactors have read what was booked last."""


class Load(NamedTuple):
    """`per_s` counts answers with 201; `cpu` is microseconds for each of them, by part."""

    per_s: float
    cpu: dict[str, float]


def load(running: Daybook, wrk: Path, seconds: int, accounts: int, prefix: str = "w") -> Load:
    """SystemExit if a deposit is refused or not answered."""
    before = running.cpu()
    amount = ["-t2", f"-c{CONNECTIONS}", f"-d{seconds}", "--timeout", TIMEOUT]
    what = ["-s", str(SCRIPT), running.url, "--", prefix, str(accounts)]
    done = subprocess.run([str(wrk), *amount, *what], stdout=subprocess.PIPE, text=True, check=True)
    figures = json.loads(done.stdout.splitlines()[-1])
    if figures["refused"] or figures["failed"]:
        raise SystemExit(f"Not every deposit was booked: {figures}")
    time.sleep(SETTLE)
    count = figures["requests"]
    cpu = {part: 1e6 * (after - before[part]) / count for part, after in running.cpu().items()}
    return Load(1e6 * count / figures["duration"], cpu)


@contextmanager
def one_page(running: Daybook) -> Iterator[None]:
    """A live page that reads all that it is sent."""
    with socket.create_connection(("127.0.0.1", running.port)) as page:
        page.sendall(b"GET /live?topics=feed HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        reading = threading.Thread(target=_read, args=(page,), daemon=True)
        reading.start()
        yield
        page.shutdown(socket.SHUT_RDWR)
        reading.join()


def _read(page: socket.socket) -> None:
    while page.recv(65536):
        pass
