"""The files that people gave to a page: each under its digest, until it is old or the folder is full."""

import asyncio
import hashlib
import os
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Final, NamedTuple

from web.importer import LARGEST, FileTooLarge, NoRoom

MOST: Final = 1024 * 1024 * 1024
"""Bytes of all files together."""
KEPT_SECONDS: Final = 7 * 24 * 3600.0
"""So long a file is kept that no import uses."""

_SURE_SECONDS: Final = 3600.0
"""A file that was used so recently does not make room for another one."""
_BUFFER: Final = 1024 * 1024


class _File(NamedTuple):
    """`size` in bytes; `used` is when an import used it last, in seconds since 1970."""

    path: Path
    size: int
    used: float


class Uploads:
    """`folder` is made when the first file comes. Only its owner reads it."""

    def __init__(self, folder: Path, *, most: int = MOST) -> None:
        self._folder, self._most = folder, most

    async def keep(self, chunks: AsyncIterator[bytes], *, largest: int = LARGEST) -> str:
        """The file's digest. Raises FileTooLarge, NoRoom, OSError; then nothing of it is kept."""
        await asyncio.to_thread(self._make_room, largest)
        with tempfile.NamedTemporaryFile(dir=self._folder, prefix=".new-", delete=False) as file:
            try:
                digest = await _written(file, chunks, largest)
                await asyncio.to_thread(_on_disk, file)
                os.replace(file.name, self.path(digest))
            except BaseException:
                os.unlink(file.name)
                raise
        return digest

    def path(self, digest: str) -> Path:
        return self._folder / digest

    def has(self, digest: str) -> bool:
        return self.path(digest).is_file()

    def use(self, digest: str) -> None:
        """It stays for as long as a new one."""
        with suppress(FileNotFoundError):
            os.utime(self.path(digest))

    def _make_room(self, size: int) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        files = sorted(self._files(), key=lambda each: each.used)
        now, held = time.time(), sum(each.size for each in files)
        for file in files:
            age, is_needed = now - file.used, held + size > self._most
            if age > KEPT_SECONDS or (is_needed and age > _SURE_SECONDS):
                file.path.unlink(missing_ok=True)
                held -= file.size
        if held + size > self._most:
            raise NoRoom

    def _files(self) -> Iterator[_File]:
        """Another process may take one away meanwhile."""
        for path in self._folder.iterdir():
            with suppress(FileNotFoundError):
                stat = path.stat()
                yield _File(path, stat.st_size, stat.st_mtime)


def _on_disk(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())


async def _written(file: IO[bytes], chunks: AsyncIterator[bytes], largest: int) -> str:
    digest, size, waiting = hashlib.sha256(), 0, bytearray()
    async for chunk in chunks:
        size += len(chunk)
        if size > largest:
            raise FileTooLarge
        waiting += chunk
        if len(waiting) >= _BUFFER:
            digest.update(waiting)
            await asyncio.to_thread(file.write, bytes(waiting))
            waiting.clear()
    digest.update(waiting)
    file.write(waiting)
    return digest.hexdigest()
