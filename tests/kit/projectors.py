"""Projector processes that tests can freeze and kill."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.kit.node import PROJECT


class Projector:
    def __init__(self, esdb_uri: str, redis_url: str, says: Path) -> None:
        self._says = says
        with says.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app", "projector"],
                cwd=PROJECT,
                env={**os.environ, "DAYBOOK_ESDB_URI": esdb_uri, "DAYBOOK_REDIS_URL": redis_url},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def said(self) -> str:
        return self._says.read_text()

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(10)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)


@contextmanager
def projector(esdb_uri: str, redis_url: str, says: Path) -> Iterator[Projector]:
    """Its output goes to the file `says`."""
    made = Projector(esdb_uri, redis_url, says)
    try:
        yield made
    finally:
        made.kill()
