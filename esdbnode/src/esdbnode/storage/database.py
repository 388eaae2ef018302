"""Opening a data file: who may open it, its schema, its connections.

`streams` and `types` give each name a number, so that a filter is decided once for each name. An event's `response` is
the encoded `ReadResp`, so a read only copies bytes. Positions are the rowid, so the log is stored in its own order.
`checksum` is the CRC-32 of the response, so that damage is noticed when an event is read. `progress` is the position
that a follower of the log has reached. `event_id` has no index: random ids would halve the write rate of a large log.

Every page ends with a checksum (SQLite's cksumvfs), so that damage anywhere, also in an index, is an error when the
page is read and never a wrong answer.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

import apsw
import apsw.sqlite_extra

from esdbnode.storage.wal import hides_commits
from esdbnode.wording import datafile

APPLICATION_ID = 0x44424B31
SCHEMA_VERSION = 2
SCHEMA = """
CREATE TABLE streams (sid INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE types (tid INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE events (
    pos INTEGER PRIMARY KEY,
    sid INTEGER NOT NULL,
    rev INTEGER NOT NULL,
    tid INTEGER NOT NULL,
    event_id BLOB NOT NULL,
    created INTEGER NOT NULL,
    response BLOB NOT NULL,
    checksum INTEGER NOT NULL
);
CREATE TABLE progress (name TEXT PRIMARY KEY, pos INTEGER NOT NULL);
CREATE UNIQUE INDEX events_by_stream ON events (sid, rev);
"""
CACHE_KIB = 16_384
BUSY_MILLISECONDS = 250
"""How long another process that has the file open may block this process and its event loop."""

CHECKSUM_BYTES = 8
_RESERVED_AT = 20
"""The place in a file's header of the number of reserved bytes in each page; cksumvfs checks pages only if it is 8."""

_DAMAGED = (apsw.SQLITE_IOERR_DATA, apsw.SQLITE_IOERR_SHORT_READ, apsw.SQLITE_IOERR_CORRUPTFS)


class CannotOpen(Exception):
    """The data file cannot be used; the message says which, why and what to do."""


@contextmanager
def lock(path: Path) -> Iterator[None]:
    """Hold `FILE.lock`, so that no other process opens the log. The lock ends with this process."""
    try:
        held = os.open(f"{path}.lock", os.O_WRONLY | os.O_CREAT, 0o600)
    except OSError as error:
        raise CannotOpen(datafile.cannot_lock(str(path), str(error.strerror))) from error
    try:
        _claim(held, path)
        yield
    finally:
        os.close(held)


def _claim(held: int, path: Path) -> None:
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise CannotOpen(datafile.in_use(str(path))) from error


def open_writer(path: Path | None) -> apsw.Connection:
    """The only connection that writes; `None` keeps the log in memory. Creates the file if it does not exist."""
    try:
        if path:
            check_pages()
            if not path.exists():
                _create(path)
            check_header(path)
        connection = apsw.Connection(str(path) if path else ":memory:")
        connection.pragma("busy_timeout", BUSY_MILLISECONDS)
        if path:
            connection.pragma("journal_mode", "wal")
            connection.pragma("synchronous", "full")
            connection.wal_autocheckpoint(0)
        connection.pragma("cache_size", -CACHE_KIB)
        if path:
            _check_version(connection, path)
            _check_size(connection, path)
        else:
            connection.execute(SCHEMA)
    except apsw.Error as error:
        raise cannot_open(path, error) from error
    return connection


def open_reader(path: Path) -> apsw.Connection:
    """A connection that can only read, and sees what has been committed."""
    check_pages()
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    connection.pragma("busy_timeout", BUSY_MILLISECONDS)
    connection.pragma("cache_size", -CACHE_KIB)
    return connection


def open_existing(path: Path) -> apsw.Connection:
    """A connection that reads a file to which another process may be writing. Raises CannotOpen."""
    if not path.is_file():
        raise CannotOpen(datafile.no_file(str(path)))
    check_header(path)
    try:
        return open_reader(path)
    except apsw.Error as error:
        raise cannot_open(path, error) from error


def is_damage(error: apsw.Error) -> bool:
    return isinstance(error, apsw.CorruptError | apsw.NotADBError) or _extended(error) in _DAMAGED


def _extended(error: apsw.Error) -> int:
    """SQLite's extended result code. apsw's type stubs do not have it."""
    code: int = getattr(error, "extendedresult", 0)
    return code


def describe(error: apsw.Error) -> str:
    if _extended(error) == apsw.SQLITE_IOERR_DATA:
        return datafile.PAGE_NOT_ITS_CHECKSUM
    return str(error)


def cannot_open(path: Path | None, error: apsw.Error) -> CannotOpen:
    if is_damage(error):
        return CannotOpen(datafile.damaged_or_not_ours(str(path), describe(error)))
    return CannotOpen(datafile.cannot_open(str(path or datafile.LOG_IN_MEMORY), str(error)))


@cache
def check_pages() -> None:
    """From now on, this process checks every page that it reads from a file."""
    with closing(apsw.Connection(":memory:")) as connection:
        connection.enable_load_extension(True)
        apsw.sqlite_extra.load(connection, "cksumvfs")


def check_header(path: Path) -> None:
    """Before SQLite touches the file. Raises CannotOpen."""
    try:
        with open(path, "rb") as file:
            header = file.read(100)
    except OSError as error:
        raise CannotOpen(datafile.cannot_read(str(path), str(error.strerror))) from error
    if not header:
        raise CannotOpen(datafile.empty(str(path)))
    if len(header) < 100 or not header.startswith(b"SQLite format 3\0"):
        raise CannotOpen(datafile.wrong_header(str(path)))
    application, version = (int.from_bytes(header[at : at + 4], "big") for at in (68, 60))
    ours = application == APPLICATION_ID
    if header[_RESERVED_AT] != CHECKSUM_BYTES and not (ours and version != SCHEMA_VERSION):
        wrong = datafile.pages_without_checksums if ours else datafile.another_programs_or_damaged
        raise CannotOpen(wrong(str(path)))


def _check_size(connection: apsw.Connection, path: Path) -> None:
    """Move the write-ahead log into the file, then compare the file's size with the number of its pages."""
    try:
        frames, moved = connection.wal_checkpoint()
    except apsw.FullError:
        return
    if hides_commits(path.with_name(f"{path.name}-wal"), frames):
        raise CannotOpen(datafile.write_ahead_log_damaged(str(path), frames))
    stated = connection.pragma("page_count") * connection.pragma("page_size")
    size = os.path.getsize(path)
    if frames == moved and size < stated:
        raise CannotOpen(datafile.cut_short(str(path), size, stated))


def _check_version(connection: apsw.Connection, path: Path) -> None:
    version = connection.pragma("user_version")
    if connection.pragma("application_id") != APPLICATION_ID:
        raise CannotOpen(datafile.another_programs(str(path)))
    if version != SCHEMA_VERSION:
        raise CannotOpen(datafile.another_schema(str(path), version, SCHEMA_VERSION))


def _create(path: Path) -> None:
    """Creates the file in one step, so that any other file with its name, even an empty one, is certainly damaged."""
    if os.path.exists(f"{path}-wal"):
        raise CannotOpen(datafile.missing_but_log_exists(str(path)))
    part = Path(f"{path}.new")
    part.unlink(missing_ok=True)
    with closing(new_file(part)) as connection:
        connection.execute(SCHEMA)
        connection.pragma("application_id", APPLICATION_ID)
    os.rename(part, path)
    sync(path.parent)


def new_file(path: Path) -> apsw.Connection:
    """Writes the first page, because cksumvfs adds no checksums to a file until that page reserves room for them."""
    connection = apsw.Connection(str(path))
    connection.reserve_bytes(reserve=CHECKSUM_BYTES)
    connection.pragma("user_version", SCHEMA_VERSION)
    return connection


def sync(path: Path) -> None:
    """Flush a file, or a folder's list of files, to disk."""
    held = os.open(path, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)
