"""The data folder: only the user who runs Daybook, and root, can read or change what is in it."""

import contextlib
import os
import pwd
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from app.messages import running as messages
from app.refusal import Refusal

LOG: Final = "node.sqlite"
"""The file of the embedded node."""

OURS: Final = (
    *("lock", "secret", "addresses.json*", "node.socket", "valkey.socket", f"{LOG}*"),
    *("valkey", "valkey/**/*", "keys", "keys/*", "uploads", "uploads/**/*"),
)
"""What Daybook writes in its data folder."""

ROOT_USER: Final = 0


def make_private(data: Path) -> None:
    """Makes the data folder. What is in it already is closed to others, and the folder too if nothing else is in it.

    Refusal if the folder cannot be used, or if another user owns a part of it or can write in it.
    """
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        tempfile.TemporaryFile(dir=data).close()  # fails if no file can be made in it
        _close_to_others(data)
        _refuse_others(data)
    except OSError as error:
        raise Refusal(messages.data_folder_unusable(str(data), str(error.strerror))) from None


def _close_to_others(data: Path) -> None:
    """Earlier releases made files that others could read."""
    files = set(_files(data))
    folders = [] if set(data.iterdir()) - files else [data]
    for path in [*files, *folders]:
        with contextlib.suppress(OSError):
            path.chmod(path.stat().st_mode & 0o700)


def _refuse_others(data: Path) -> None:
    for path in (data, *_files(data)):
        with contextlib.suppress(FileNotFoundError):  # a file of a process that runs
            owner = path.stat().st_uid
            if owner not in (os.geteuid(), ROOT_USER):
                raise Refusal(messages.owned_by_another(str(path), name_of_user(owner)))
    if data.stat().st_mode & stat.S_IWOTH:
        raise Refusal(messages.writable_by_others(str(data)))


def _files(data: Path) -> Iterator[Path]:
    for pattern in OURS:
        yield from data.glob(pattern)


def name_of_user(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)
