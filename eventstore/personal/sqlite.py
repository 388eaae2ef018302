"""Keys in one SQLite file of this machine, which several processes use at the same time.

After a destruction no file in the folder holds the key:
- `secure_delete` overwrites the deleted row with zeros.
- When pages are split or merged, copies of rows may stay in the unused part of a page. So after each destruction the
  whole file is written again (VACUUM).
- The rollback journal holds the old pages only until the commit, which deletes it (`journal_mode` DELETE). A journal
  that a killed process left is rolled back by the next one that opens the file, which then does the rest:
  `user_version` is the number of the latest destruction after which the file was written again.
"""

import json
import os
import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import apsw

from eventstore.personal import messages
from eventstore.personal.keys import KEY_BYTES, KeyDestroyed, KeysUnavailable

FILE: Final = "keys.sqlite"
APPLICATION_ID: Final = 0x44424B59
DEADLINE: Final = 5.0
"""Seconds to wait for other processes, and as long again for other threads of this one."""

SCHEMA: Final = f"""
CREATE TABLE keys (user_id TEXT PRIMARY KEY, key BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE destroyed (sequence INTEGER PRIMARY KEY, user_id TEXT NOT NULL UNIQUE);
PRAGMA application_id = {APPLICATION_ID};
"""
PRAGMAS: Final = {
    "secure_delete": "on",
    "journal_mode": "delete",
    "synchronous": "extra",
    "temp_store": "memory",
}


class SqliteKeys:
    """A KeyStore in `folder`, which only its owner can open. Raises KeysUnavailable if the file cannot be used."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        self._turn = threading.Lock()
        with self._answers():
            _make(self._file)
            self._connection = apsw.Connection(str(self._file))
            try:
                self._prepare()
                self._write_again()
            except BaseException:
                self._connection.close()
                raise

    def create(self, user_id: str) -> bytes:
        if key := self.get(user_id):
            return key
        with self._answers(), self._transaction():
            if self._is_destroyed(user_id):
                raise KeyDestroyed(user_id)
            new = secrets.token_bytes(KEY_BYTES)
            self._connection.execute("INSERT OR IGNORE INTO keys VALUES (?, ?)", (user_id, new))
            return self._key(user_id) or new

    def get(self, user_id: str) -> bytes | None:
        with self._answers():
            return self._key(user_id)

    def get_all(self, user_ids: Sequence[str]) -> list[bytes | None]:
        wanted = "SELECT user_id, key FROM keys WHERE user_id IN (SELECT value FROM json_each(?))"
        with self._answers():
            rows: Any = self._connection.execute(wanted, (json.dumps(list(user_ids)),)).fetchall()
        found = dict(rows)
        return [found.get(user_id) for user_id in user_ids]

    def destroy(self, user_id: str) -> None:
        with self._answers():
            if not self._is_destroyed(user_id):
                self._destroy(user_id)
            self._write_again()

    def destroyed_after(self, sequence: int) -> tuple[int, list[str]]:
        after = "SELECT user_id FROM destroyed WHERE sequence > ? ORDER BY sequence"
        with self._answers(), self._transaction("DEFERRED"):
            latest = self._latest()
            rows: Any = self._connection.execute(after, (sequence if sequence <= latest else 0,)).fetchall()
        return latest, [user_id for (user_id,) in rows]

    def close(self) -> None:
        with self._turn:
            self._connection.close()

    # What follows is called by whoever has the turn.

    def _prepare(self) -> None:
        self._connection.set_busy_timeout(int(DEADLINE * 1000))
        for name, value in PRAGMAS.items():
            self._connection.pragma(name, value)
        if self._connection.pragma("application_id") != APPLICATION_ID:
            with self._transaction():
                self._create_tables()

    def _create_tables(self) -> None:
        """Another process may just have done it."""
        if self._connection.pragma("application_id") == APPLICATION_ID:
            return
        if self._number("SELECT count(*) FROM sqlite_schema"):
            raise KeysUnavailable(messages.not_a_file_of_keys(str(self._file)))
        self._connection.execute(SCHEMA)

    def _key(self, user_id: str) -> bytes | None:
        found: bytes | None = self._connection.execute(
            "SELECT key FROM keys WHERE user_id = ?", (user_id,)
        ).get
        return found

    def _is_destroyed(self, user_id: str) -> bool:
        return bool(self._number("SELECT count(*) FROM destroyed WHERE user_id = ?", user_id))

    def _destroy(self, user_id: str) -> None:
        with self._transaction():
            self._connection.execute("INSERT OR IGNORE INTO destroyed (user_id) VALUES (?)", (user_id,))
            self._connection.execute("DELETE FROM keys WHERE user_id = ?", (user_id,))

    def _write_again(self) -> None:
        """Unless it was done since the latest destruction."""
        latest = self._latest()
        if latest > self._connection.pragma("user_version"):
            self._connection.execute("VACUUM")
            self._connection.pragma("user_version", latest)

    def _latest(self) -> int:
        return self._number("SELECT coalesce(max(sequence), 0) FROM destroyed")

    def _number(self, statement: str, *values: str) -> int:
        found: Any = self._connection.execute(statement, values).get
        return int(found)

    @contextmanager
    def _transaction(self, kind: str = "IMMEDIATE") -> Iterator[None]:
        self._connection.execute(f"BEGIN {kind}")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    @contextmanager
    def _answers(self) -> Iterator[None]:
        """This thread's turn. Errors of SQLite and the operating system become KeysUnavailable."""
        if not self._turn.acquire(timeout=DEADLINE):
            raise KeysUnavailable(messages.file_busy(str(self._file), DEADLINE))
        try:
            yield
        except apsw.Error as error:
            raise KeysUnavailable(_reason(str(self._file), error), str(error)) from error
        except OSError as error:
            raise KeysUnavailable(messages.file_unusable(str(self._file), str(error.strerror))) from error
        finally:
            self._turn.release()


def back_up(folder: Path, copy: Path) -> None:
    """Makes `copy`, which does not exist yet, while others use the keys in `folder`. Raises KeysUnavailable."""
    file = folder / FILE
    try:
        with closing(apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READWRITE)) as connection:
            os.close(os.open(copy, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
            try:
                connection.set_busy_timeout(int(DEADLINE * 1000))
                connection.execute("VACUUM INTO ?", (str(copy),))
            except apsw.Error:
                copy.unlink()
                raise
    except apsw.Error as error:
        raise KeysUnavailable(_reason(str(file), error), str(error)) from error
    except OSError as error:
        raise KeysUnavailable(messages.copy_not_made(str(copy), str(error.strerror))) from error


def _make(file: Path) -> None:
    """SQLite gives its journal the same rights as the file. Only a new file is opened here: closing it would
    release the locks that other connections of this process hold on it."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file.parent.chmod(0o700)
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _reason(file: str, error: apsw.Error) -> str:
    match error:
        case apsw.BusyError() | apsw.LockedError():
            return messages.file_busy(file, DEADLINE)
        case apsw.CorruptError() | apsw.NotADBError():
            return messages.file_damaged(file)
        case _:
            return messages.file_unusable(file, str(error))
