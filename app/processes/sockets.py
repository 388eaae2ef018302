"""The Unix sockets of the embedded servers: no port is open, and other users of the machine cannot connect.

They are in the data folder if it takes sockets. If its path is too long for one, or its file system has none, they are
in a folder of the same user below the system's folder for temporary files.
"""

import hashlib
import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote

from app.messages import running as messages
from app.processes.folder import name_of_user
from app.refusal import Refusal

NODE: Final = "node.socket"
VALKEY: Final = "valkey.socket"

_NOT_IN_GRPC: Final = ","
"""gRPC takes this character of an address for the end of a path."""


class Sockets(NamedTuple):
    """Their paths, and the addresses by which esdbclient and redis-py connect to them."""

    node: Path
    valkey: Path

    @property
    def esdb_uri(self) -> str:
        return f"esdb://unix:{quote(str(self.node), safe='')}?Tls=false"

    @property
    def redis_url(self) -> str:
        return f"unix://{quote(str(self.valkey))}"


@contextmanager
def sockets(data: Path) -> Iterator[Sockets]:
    """For the holder of the data folder, who starts the servers. Refusal if there is no place for sockets."""
    with _place(data) as folder:
        found = Sockets(folder / NODE, folder / VALKEY)
        try:
            yield found
        finally:
            for path in found:  # a server that was killed has left its own
                path.unlink(missing_ok=True)


@contextmanager
def _place(data: Path) -> Iterator[Path]:
    if _takes_sockets(data):
        yield data
        return
    folder = _temporary(data)
    if not _takes_sockets(folder):
        raise Refusal(messages.no_place_for_sockets(str(data), str(folder)))
    try:
        yield folder
    finally:
        with suppress(OSError):
            folder.rmdir()


def _takes_sockets(folder: Path) -> bool:
    """Tried, because the longest path and the file systems without sockets are different on each system."""
    path = folder / max(NODE, VALKEY, key=len)
    try:
        name = str(path).encode()
        path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX) as probe:
            probe.bind(name)
        path.unlink()
    except (OSError, UnicodeEncodeError):
        return False
    return _NOT_IN_GRPC not in str(path)


def _temporary(data: Path) -> Path:
    """Always the same one for a data folder, so that nothing is left if this process is killed."""
    name = hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    folder = Path(tempfile.gettempdir(), f"daybook-{os.geteuid()}-{name}")
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        owner = folder.lstat().st_uid
    except OSError as error:
        raise Refusal(messages.data_folder_unusable(str(folder), str(error.strerror))) from None
    if owner != os.geteuid():
        raise Refusal(messages.owned_by_another(str(folder), name_of_user(owner)))
    folder.chmod(0o700)
    return folder
