"""Where the running servers are: a lock in the data folder says whether any run, addresses.json says where.

A process holds the lock as long as it runs. So the addresses of a process that was killed are not used.
"""

import contextlib
import fcntl
import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from app.messages import running as messages
from app.processes.children import helper
from app.processes.folder import LOG, make_private
from app.refusal import Refusal
from app.settings import Settings

START_SECONDS: Final = 60.0


class Addresses(NamedTuple):
    """`web` is None if only the servers run, for a command."""

    pid: int
    esdb_uri: str
    redis_url: str
    web: str | None = None


@contextlib.contextmanager
def held(data: Path) -> Iterator[None]:
    """Makes the data folder and locks it for this process. Refusal if that fails or another process has the lock."""
    make_private(data)
    try:
        handle = os.open(data / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise Refusal(messages.data_folder_unusable(str(data), str(error.strerror))) from None
    try:
        if not _acquired(handle, within=1.0):
            raise Refusal(messages.data_folder_in_use(str(data)))
        left = data / "addresses.json"
        left.unlink(missing_ok=True)  # left by a process that was killed
        try:
            yield
        finally:
            left.unlink(missing_ok=True)
    finally:
        os.close(handle)


def _acquired(handle: int, within: float) -> bool:
    """Tries for `within` seconds: `is_held` takes the lock too, for a moment."""
    deadline = time.monotonic() + within
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)


def is_held(data: Path) -> bool:
    try:
        handle = os.open(data / "lock", os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return False
    except BlockingIOError:
        return True
    finally:
        os.close(handle)


def leave(data: Path, addresses: Addresses) -> None:
    """For the holder of the folder. Only its owner can read the file, since addresses may contain passwords."""
    new = data / "addresses.json.new"
    new.unlink(missing_ok=True)
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(addresses._asdict(), file)
    new.replace(data / "addresses.json")


def running(data: Path) -> Addresses | None:
    """Addresses of the servers that use this data folder; waits for servers that are just starting."""
    deadline = time.monotonic() + START_SECONDS
    while is_held(data):
        with contextlib.suppress(FileNotFoundError):
            return Addresses(**json.loads((data / "addresses.json").read_bytes()))
        if time.monotonic() > deadline:
            raise Refusal(messages.other_not_ready(str(data)), 1)
        time.sleep(0.1)
    return None


class Servers(NamedTuple):
    """`own`: the log is a node that was started for this command, so that no reactor works on it."""

    esdb_uri: str
    redis_url: str
    own: bool = False


@contextlib.contextmanager
def servers(settings: Settings, *, only_looks: bool = False) -> Iterator[Servers]:
    """The servers in the settings, or else the running ones, or else a node and a Valkey for the time of the block.

    `only_looks`: Refusal if there is no log in the data folder, which would be made otherwise.
    """
    if settings.redis_url:
        refuse_old(settings.redis_url)
    if settings.esdb_uri and settings.redis_url:
        yield Servers(settings.esdb_uri, settings.redis_url)
    elif found := running(settings.data):
        yield _chosen(settings, found)
    elif only_looks and not settings.esdb_uri and not (settings.data / LOG).exists():
        raise Refusal(messages.no_log_there(str(settings.data)), 1)
    else:
        with _own_servers(settings) as started:
            yield _chosen(settings, started)._replace(own=not settings.esdb_uri)


def refuse_old(redis_url: str) -> None:
    """Refusal if the server at that address is too old. If it does not answer, it is waited for later."""
    from projections.engine.server import (
        refused_at_start,
    )  # here, because the supervisor does without redis-py

    if sentence := refused_at_start(redis_url):
        raise Refusal(sentence, 1)


def _chosen(settings: Settings, found: Addresses) -> Servers:
    return Servers(settings.esdb_uri or found.esdb_uri, settings.redis_url or found.redis_url)


@contextlib.contextmanager
def _own_servers(settings: Settings) -> Iterator[Addresses]:
    with helper(["servers", "--data", str(settings.data)], settings.variables()) as process:
        yield _announced(process, settings.data)


def _announced(process: subprocess.Popen[bytes], data: Path) -> Addresses:
    """The servers print one line when they are ready and nothing else. If their output ends, they have failed."""
    assert process.stdout
    with process.stdout as output:
        if messages.SERVERS_ARE_UP in output.readline().decode() and (found := running(data)):
            return found
    raise Refusal(messages.SERVERS_NOT_STARTED, 1)
