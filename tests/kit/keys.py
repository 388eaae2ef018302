"""Stores of keys for tests: a place with real files, and other processes that use the same place.

As a program (`python -m tests.kit.keys DATA URL create|destroy`) it is such a process: it says that it is ready, reads
one line with the ids of people, and prints a line for each when it is done.
"""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from app.processes.keys import open_keys
from app.settings import Settings
from eventstore.personal.keys import KeyDestroyed, KeyStore
from tests.kit.valkey import Valkey, valkey

SAFE_OPTIONS = ("--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction")


class Place(NamedTuple):
    """`folder` has every file in which keys are; `server` is None if they are in a file of this machine."""

    settings: Settings
    folder: Path
    server: Valkey | None = None

    def open(self) -> KeyStore:
        return open_keys(self.settings)

    def holds(self, secrets: Sequence[bytes]) -> list[bytes]:
        """Those of `secrets` that are in some file, or half of them."""
        files = [file.read_bytes() for file in self.folder.rglob("*") if file.is_file()]
        return [each for each in secrets if any(half in file for half in _halves(each) for file in files)]


def _halves(secret: bytes) -> tuple[bytes, bytes]:
    middle = len(secret) // 2
    return secret[:middle], secret[middle:]


def in_a_file(data: Path) -> Place:
    return Place(Settings(data=data), data / "keys")


@contextmanager
def on_a_server(data: Path, program: Path) -> Iterator[Place]:
    with valkey(*SAFE_OPTIONS, program=program) as server:
        yield Place(Settings(data=data, keys_url=server.url), server.folder, server)


class Other:
    """Another process. It waits until `begin` gives it the ids."""

    def __init__(self, place: Place, action: str) -> None:
        argv = [str(place.settings.data), place.settings.keys_url or "", action]
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "tests.kit.keys", *argv],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdin
        assert self.process.stdout
        self._input, self._output = self.process.stdin, self.process.stdout
        assert self.line() == "ready"

    def begin(self, user_ids: Sequence[str]) -> None:
        print(*user_ids, file=self._input, flush=True)

    def line(self) -> str:
        return self._output.readline().rstrip("\n")

    def rest(self) -> list[str]:
        """What it prints until it ends."""
        with self.process:
            return self._output.read().splitlines()

    def kill(self) -> list[str]:
        self.process.kill()
        return self.rest()


def _main(data: str, url: str, action: str) -> None:
    keys = open_keys(Settings(data=Path(data), keys_url=url or None))
    print("ready", flush=True)
    for user_id in sys.stdin.readline().split():
        print(user_id, _done(keys, action, user_id), flush=True)


def _done(keys: KeyStore, action: str, user_id: str) -> str:
    if action == "destroy":
        keys.destroy(user_id)
        return "destroyed"
    try:
        return keys.create(user_id).hex()
    except KeyDestroyed:
        return "destroyed"


if __name__ == "__main__":
    _main(*sys.argv[1:])
