"""Queries. A page is read at once and then the connection is free again, so no reader ever blocks the log.

Rows are tuples, because a log of millions of events is read row by row:
    of a stream: (revision, type id, response, checksum); of $all: (position, stream id, type id, response, checksum)
"""

from itertools import islice
from typing import Any, NamedTuple
from zlib import crc32

import apsw

from esdbnode.wording import datafile

LAST = (1 << 63) - 1
"""Higher than every position and revision."""

PAGE_EVENTS = 512
PAGE_BYTES = 1 << 20
_STEP = 32

_OF_STREAM = (
    "SELECT rev, tid, response, checksum FROM events WHERE sid = ? AND rev BETWEEN ? AND ? AND created >= ?"
)

StreamRow = tuple[int, int, bytes, int]
AllRow = tuple[int, int, int, bytes, int]


class Span(NamedTuple):
    """Part of a stream: revisions `first` to `last`, both included, created at `since` (ticks) or later."""

    sid: int
    first: int
    last: int = LAST
    since: int = 0


class Damaged(Exception):
    """The data file is damaged: it does not hold what was written. The message says where and what to do."""

    def __init__(self, what: str) -> None:
        super().__init__(datafile.damaged(what))


def checksum(response: bytes, tid: int) -> int:
    return crc32(response, tid)


class Reader:
    def __init__(self, connection: apsw.Connection) -> None:
        self._execute = connection.execute
        self._types: dict[int, str] = {}

    def head(self) -> int:
        """The position of the last event, 0 in an empty log."""
        found: int = self._execute("SELECT ifnull(max(pos), 0) FROM events").get
        return found

    def stream_id(self, name: str) -> int | None:
        found: int | None = self._execute("SELECT sid FROM streams WHERE name = ?", (name,)).get
        return found

    def stream_name(self, sid: int) -> str:
        found: str = self._execute("SELECT name FROM streams WHERE sid = ?", (sid,)).get
        return found

    def type_name(self, tid: int) -> str:
        name = self._types.get(tid)
        if name is None:
            name = self._types[tid] = self._execute("SELECT name FROM types WHERE tid = ?", (tid,)).get
        return name

    def type_id(self, name: str) -> int | None:
        found: int | None = self._execute("SELECT tid FROM types WHERE name = ?", (name,)).get
        return found

    def last_revision(self, sid: int | None) -> int:
        """The stream's last revision, -1 if the stream has no events."""
        found = self._execute("SELECT rev FROM events WHERE sid = ? ORDER BY rev DESC LIMIT 1", (sid,)).get
        return -1 if found is None else found

    def event(self, sid: int, revision: int) -> tuple[int, int, bytes, bytes] | None:
        """(position, created, event id, response) of one event."""
        found = self._execute(
            "SELECT pos, created, event_id, response, tid, checksum FROM events WHERE sid = ? AND rev = ?",
            (sid, revision),
        ).fetchone()
        if found is None:
            return None
        position, created, event_id, response, tid, stored = found
        if checksum(response, tid) != stored:
            raise Damaged(datafile.event_not_its_checksum(position))
        return position, created, event_id, response

    def stream_forwards(self, span: Span, limit: int) -> list[StreamRow]:
        return self._page(f"{_OF_STREAM} ORDER BY rev LIMIT ?", (*span, min(limit, PAGE_EVENTS)))

    def stream_backwards(self, span: Span, limit: int) -> list[StreamRow]:
        return self._page(f"{_OF_STREAM} ORDER BY rev DESC LIMIT ?", (*span, min(limit, PAGE_EVENTS)))

    def all_forwards(self, first: int, last: int, limit: int) -> list[AllRow]:
        """Positions `first` to `last`, both included."""
        return self._page(
            "SELECT pos, sid, tid, response, checksum FROM events WHERE pos BETWEEN ? AND ? ORDER BY pos LIMIT ?",
            (first, last, min(limit, PAGE_EVENTS)),
        )

    def all_backwards(self, before: int, limit: int) -> list[AllRow]:
        """From position `before`, excluded."""
        return self._page(
            "SELECT pos, sid, tid, response, checksum FROM events WHERE pos < ? ORDER BY pos DESC LIMIT ?",
            (before, min(limit, PAGE_EVENTS)),
        )

    def is_event(self, position: int) -> bool:
        return self._execute("SELECT 1 FROM events WHERE pos = ?", (position,)).get is not None

    def progress(self, name: str) -> int:
        """The position up to which `name` has followed the log, 0 at first."""
        found = self._execute("SELECT pos FROM progress WHERE name = ?", (name,)).get
        return 0 if found is None else found

    def latest_ids(self, limit: int) -> list[tuple[bytes, int, int]]:
        """(event id, stream id, revision) of the last events, newest first."""
        rows: list[Any] = self._execute(
            "SELECT event_id, sid, rev FROM events ORDER BY pos DESC LIMIT ?", (limit,)
        ).fetchall()
        return rows

    def _page(self, sql: str, bindings: tuple[int, ...]) -> list[Any]:
        cursor = self._execute(sql, bindings)
        rows: list[Any] = []
        size = 0
        while chunk := list(islice(cursor, _STEP)):
            for row in chunk:
                size += len(row[-2])
                if crc32(row[-2], row[-3]) != row[-1]:
                    raise Damaged(datafile.row_not_its_checksum(row[0]))
            rows += chunk
            if size > PAGE_BYTES:
                cursor.close()
                break
        return rows
