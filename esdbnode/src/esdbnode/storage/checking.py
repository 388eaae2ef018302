"""Is every event present and intact? Reads the whole file, also while a node writes to it."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import apsw

from esdbnode.storage.database import describe, open_existing
from esdbnode.storage.reading import LAST, checksum
from esdbnode.wording import datafile

MOST_PROBLEMS = 100


class Report(NamedTuple):
    """`problems` is empty if the file is intact; at most a hundred are listed."""

    events: int
    streams: int
    problems: list[str]


def verify(data: Path) -> Report:
    """Checks the file as of one moment. Raises CannotOpen if `data` is not a data file, or has a damaged header."""
    problems: list[str] = []
    with closing(open_existing(data)) as connection:
        walk = _Walk(connection)
        for check in (_structure, _size(data), walk.events, walk.by_stream):
            try:
                for problem in check(connection):
                    if len(problems) == MOST_PROBLEMS:
                        return Report(walk.count, len(walk.last), problems)
                    problems.append(problem)
            except apsw.Error as error:
                problems.append(datafile.problem_at(describe(error), walk.where))
    return Report(walk.count, len(walk.last), problems)


def _structure(connection: apsw.Connection) -> Iterator[str]:
    for (lines,) in connection.execute(f"PRAGMA integrity_check({MOST_PROBLEMS})"):
        for line in lines.splitlines():
            if line != "ok" and not line.startswith("***") and not line.endswith("never used"):
                yield line


def _size(data: Path) -> Callable[[apsw.Connection], Iterator[str]]:
    def check(connection: apsw.Connection) -> Iterator[str]:
        pages = connection.pragma("page_count") * connection.pragma("page_size")
        waiting = data.with_name(f"{data.name}-wal")
        held = data.stat().st_size + (waiting.stat().st_size if waiting.exists() else 0)
        if held < pages:
            yield datafile.file_cut_short(held, pages)

    return check


class _Walk:
    """The state of the walk through the events."""

    def __init__(self, connection: apsw.Connection) -> None:
        connection.execute("BEGIN")
        self.count = 0
        self.last: dict[int, int] = {}
        self.where = datafile.IN_THE_STRUCTURE

    def events(self, connection: apsw.Connection) -> Iterator[str]:
        """Checks the events in the order of their positions: checksums, names, revisions without gaps."""
        sids = {sid for (sid,) in connection.execute("SELECT sid FROM streams")}
        tids = {tid for (tid,) in connection.execute("SELECT tid FROM types")}
        before = 0
        for pos, sid, rev, tid, response, stored in connection.execute(
            "SELECT pos, sid, rev, tid, response, checksum FROM events ORDER BY pos"
        ):
            self.where = datafile.after_position(pos)
            if pos <= before:
                yield datafile.position_out_of_order(pos, before)
            if checksum(response, tid) != stored:
                yield datafile.event_not_its_checksum(pos)
            if sid not in sids or tid not in tids:
                yield datafile.event_without_names(pos)
            expected = self.last.get(sid, -1) + 1
            if rev not in (expected, LAST):
                yield datafile.revision_out_of_order(pos, rev, expected)
            self.last[sid] = rev
            before = pos
            self.count += 1

    def by_stream(self, connection: apsw.Connection) -> Iterator[str]:
        """Checks that the index by stream has as many events as the log."""
        self.where = datafile.IN_THE_INDEX
        indexed = connection.execute(
            "SELECT count(*) FROM events INDEXED BY events_by_stream WHERE sid >= 0"
        ).get
        if indexed != self.count:
            yield datafile.index_incomplete(indexed, self.count)
