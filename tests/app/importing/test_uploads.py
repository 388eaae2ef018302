"""The folder of files that people gave to a page: kept whole or not at all, and never more than it may hold."""

import hashlib
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.importing.uploads import KEPT_SECONDS, Uploads
from web.importer import FileTooLarge, NoRoom


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def broken() -> AsyncIterator[bytes]:
    yield b"account,date"
    raise ConnectionResetError


def age(file: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(file, (then, then))


async def test_a_file_is_kept_under_its_digest_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path / "uploads")
    content = os.urandom(3_000_000)
    digest = await uploads.keep(chunks(content[:10], content[10:2_500_000], content[2_500_000:]))
    assert digest == hashlib.sha256(content).hexdigest()
    assert uploads.has(digest)
    assert uploads.path(digest).read_bytes() == content
    assert uploads.path(digest).stat().st_mode & 0o077 == 0
    assert (tmp_path / "uploads").stat().st_mode & 0o077 == 0
    assert await uploads.keep(chunks(content)) == digest
    assert os.listdir(tmp_path / "uploads") == [digest]


async def test_nothing_is_left_of_a_file_that_is_too_large_or_does_not_come_whole(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path)
    with pytest.raises(FileTooLarge):
        await uploads.keep(chunks(b"a" * 60, b"a" * 41), largest=100)
    with pytest.raises(ConnectionResetError):
        await uploads.keep(broken())
    assert os.listdir(tmp_path) == []
    assert not uploads.has(hashlib.sha256(b"").hexdigest())


async def test_old_files_go_first_and_only_if_there_is_no_room_or_they_are_very_old(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path, most=250)
    names = [await uploads.keep(chunks(letter * 80), largest=100) for letter in (b"a", b"b")]
    age(uploads.path(names[0]), 7200)
    third = await uploads.keep(chunks(b"c" * 80), largest=100)
    assert [uploads.has(name) for name in (*names, third)] == [False, True, True]
    with pytest.raises(NoRoom):
        await uploads.keep(chunks(b"d" * 80), largest=100)
    age(uploads.path(names[1]), 7200)
    uploads.use(names[1])
    with pytest.raises(NoRoom):
        await uploads.keep(chunks(b"d" * 80), largest=100)
    age(uploads.path(third), KEPT_SECONDS + 1)
    await uploads.keep(chunks(b"d"), largest=10)
    assert not uploads.has(third)
