"""The transaction of the one writer, as submitted work sees it."""

import time

import apsw

from esdbnode.remembered import Remembered
from esdbnode.storage.reading import AllRow, Reader, checksum

POSITION_STEP = 100
"""From one event's position to the next. Older logs may hold events with other steps."""

EMPTY_APPEND = POSITION_STEP // 2
"""The distance of an append of nothing from the last event. It is never at the position of an event."""

RECENT_IDS = 50_000
"""At least this many event ids are remembered, at most twice as many."""

_REMEMBERED = 20_000
"""How many streams the writer knows without a query."""


class Transaction(Reader):
    """Reads the log as of now, including uncommitted events, and inserts.

    Only this class adds streams and events, so it may remember the numbers of names and the last revisions; and only it
    assigns positions. `rows`: the events inserted since `begin`, as a reader of $all will see them.
    """

    def __init__(self, connection: apsw.Connection) -> None:
        super().__init__(connection)
        self._recent: dict[bytes, tuple[int, int]] = {}
        self._older: dict[bytes, tuple[int, int]] = {}
        self._sids = Remembered(super().stream_id, _REMEMBERED)
        self._tids = Remembered(super().type_id, _REMEMBERED)
        self._revisions = Remembered(super().last_revision, _REMEMBERED)
        self._touched: set[str] = set()
        self.rows: list[AllRow] = []
        self.created = 0
        self.last_position = 0
        self.reset()

    def reset(self) -> None:
        """Forget everything that a rolled-back transaction had added to memory."""
        self.last_position = self.head()
        self._older = {id_: (sid, rev) for id_, sid, rev in self.latest_ids(RECENT_IDS)}
        self._recent = {}
        for known in (self._sids, self._tids, self._revisions):
            known.clear()

    def begin(self) -> None:
        self._execute("BEGIN IMMEDIATE")
        self._touched = set()
        self.rows = []
        self.created = time.time_ns() // 100

    @property
    def touched(self) -> set[str]:
        """The names of the streams written to since `begin`."""
        return self._touched

    def recent(self, event_id: bytes, sid: int) -> int | None:
        """The revision in this stream of an event id, if it is among the last ones written to any stream.

        An id that was written more than once is remembered where it was written first (EventStoreDB's BoundedCache.cs).
        """
        found = self._older.get(event_id) or self._recent.get(event_id)
        return found[1] if found is not None and found[0] == sid else None

    def stream_id(self, name: str) -> int | None:
        return self._sids[name]

    def type_id(self, name: str) -> int | None:
        return self._tids[name]

    def last_revision(self, sid: int | None) -> int:
        return -1 if sid is None else self._revisions[sid]

    def intern_stream(self, name: str) -> int:
        sid = self.stream_id(name)
        if sid is None:
            self._execute("INSERT INTO streams (name) VALUES (?)", (name,))
            del self._sids[name]
            sid = self.stream_id(name)
            assert sid is not None
        return sid

    def intern_type(self, name: str) -> int:
        tid = self.type_id(name)
        if tid is None:
            self._execute("INSERT INTO types (name) VALUES (?)", (name,))
            del self._tids[name]
            tid = self.type_id(name)
            assert tid is not None
        return tid

    def take_position(self) -> int:
        self.last_position += POSITION_STEP
        return self.last_position

    def insert(
        self, position: int, stream: str, sid: int, revision: int, tid: int, event_id: bytes, response: bytes
    ) -> None:
        sum_ = checksum(response, tid)
        self._execute(
            "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (position, sid, revision, tid, event_id, self.created, response, sum_),
        )
        self._revisions[sid] = revision
        self._touched.add(stream)
        self.rows.append((position, sid, tid, response, sum_))
        self._recent.setdefault(event_id, (sid, revision))
        if len(self._recent) >= RECENT_IDS:
            self._older, self._recent = self._recent, {}

    def set_progress(self, name: str, position: int) -> None:
        self._execute("INSERT OR REPLACE INTO progress VALUES (?, ?)", (name, position))
