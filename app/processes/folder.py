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
"""What Daybook writes in its data folder; a folder comes before what is in it."""

ROOT_USER: Final = 0


def make_private(data: Path) -> None:
    """Makes the data folder. What is in it already is closed to others, and the folder too if nothing else is in it.

    Refusal if the folder cannot be used, if another user owns a part of it or can write in it, or if a part of it is a
    link. The folder itself may be a link, if neither the link nor the folder belongs to another user.
    """
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        tempfile.TemporaryFile(dir=data).close()  # fails if no file can be made in it
        _refuse_others(data)
        _close_folder(data)
        _refuse_others(data)  # again: until now others may have been able to change what is in it
        _close_files(data)
    except OSError as error:
        raise Refusal(messages.data_folder_unusable(str(data), str(error.strerror))) from None


def _refuse_others(data: Path) -> None:
    """Nothing that another user may have put there is followed or changed."""
    _refuse_another(data, data.lstat())
    _refuse_another(data, data.stat())
    for path in _files(data):
        with contextlib.suppress(FileNotFoundError):  # a file of a process that runs
            found = path.lstat()
            _refuse_another(path, found)
            if stat.S_ISLNK(found.st_mode):
                raise Refusal(messages.is_a_link(str(path)))


def _refuse_another(path: Path, found: os.stat_result) -> None:
    if found.st_uid not in (os.geteuid(), ROOT_USER):
        raise Refusal(messages.owned_by_another(str(path), name_of_user(found.st_uid)))


def _close_folder(data: Path) -> None:
    if set(data.iterdir()) <= set(_files(data)):
        _close(data)
    if data.stat().st_mode & stat.S_IWOTH:
        raise Refusal(messages.writable_by_others(str(data)))


def _close_files(data: Path) -> None:
    """Earlier releases made files that others could read."""
    for path in _files(data):
        _close(path)


def _close(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.chmod(path.stat().st_mode & 0o700)


def _files(data: Path) -> Iterator[Path]:
    for pattern in OURS:
        yield from data.glob(pattern)


def name_of_user(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)
