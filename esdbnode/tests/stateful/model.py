"""EventStoreDB's rules for streams, written a second time as simply as possible: lists and dicts, no code of the node.

An id is known where it was first written. A metastream is a stream whose last event says what of its
stream is visible; it shows that one event alone.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID, uuid4

SOFT_DELETE = TOMBSTONE = 2**63 - 1
"""The `$tb` of a soft delete, and the revision of a tombstone."""

Expected = int | Literal["any", "none", "exists"]


@dataclass(slots=True)
class Entry:
    """`id` and `position` are None until the node has sent them; then they stay the same."""

    stream: str
    revision: int
    type: str
    data: bytes
    id: UUID | None
    position: int | None = None


@dataclass(frozen=True, slots=True)
class New:
    id: UUID
    type: str
    data: bytes


class Refused(Exception):
    pass


class Wrong(Refused):
    """The revision is not the expected one; `exists`: whether the stream has any event."""

    def __init__(self, exists: bool) -> None:
        self.exists = exists


class Deleted(Refused):
    pass


class Absent(Refused):
    pass


class Hidden:
    """It was written before, but can no longer be read, so the answer has no position."""


@dataclass(slots=True)
class Model:
    log: list[Entry] = field(default_factory=list)
    streams: dict[str, list[Entry]] = field(default_factory=dict)
    tombstoned: set[str] = field(default_factory=set)
    written_first: dict[UUID, Entry] = field(default_factory=dict)

    def append(self, stream: str, expected: Expected, new: Sequence[New]) -> Entry | Hidden | None:
        """The last event of this write, or of the first write of the same events; None for no events."""
        before = self._written_before(stream, expected, [event.id for event in new])
        if before is not None:
            return before if before.revision >= self._first_visible(stream) else Hidden()
        described = stream.removeprefix("$$") if stream.startswith("$$") else None
        revived = [name for name in (stream, described) if name and self._soft_deleted(name)]
        first = self.current(stream) + 1
        for event in new:
            self._write(stream, event.type, event.data, event.id)
        last = self.entries(stream)[-1] if new else None
        for name in revived:
            again = first if name == stream else self.current(name) + 1
            self._write_metadata(name, json.loads(self._last_metadata(name)) | {"$tb": again})
        return last

    def delete(self, stream: str, expected: Expected) -> None:
        retried = self._written_before(stream, expected, [uuid4()])
        if retried or not (self.entries(stream) or self.entries("$$" + stream)):
            raise Wrong(exists=False)
        self._write_metadata(stream, {"$tb": SOFT_DELETE})

    def tombstone(self, stream: str, expected: Expected) -> None:
        self._written_before(stream, expected, [uuid4()])
        self.tombstoned.add(stream)
        self.log.append(Entry(stream, TOMBSTONE, "$streamDeleted", b"", None))

    def read(self, stream: str, start: int | None, backwards: bool, limit: int) -> list[Entry]:
        if self._gone(stream):
            raise Deleted
        if not self.entries(stream) or self._soft_deleted(stream):
            raise Absent
        visible = self._visible(stream)
        if backwards:
            return [entry for entry in visible[::-1] if start is None or entry.revision <= start][:limit]
        return [entry for entry in visible if start is None or entry.revision >= start][:limit]

    def follow(self, stream: str, after: int | None) -> list[Entry]:
        """The events that a subscription to a stream gets until it has caught up."""
        if self._gone(stream):
            raise Deleted
        visible = [] if self._soft_deleted(stream) else self._visible(stream)
        return [entry for entry in visible if after is None or entry.revision > after]

    def entries(self, stream: str) -> list[Entry]:
        return self.streams.get(stream, [])

    def current(self, stream: str) -> int:
        return len(self.entries(stream)) - 1

    def is_gone_twice(self, stream: str) -> bool:
        """Soft-deleted, then tombstoned."""
        return stream in self.tombstoned and self._soft_deleted(stream)

    def _written_before(self, stream: str, expected: Expected, ids: list[UUID]) -> Entry | None:
        """The last event of an append that is a retry, None for one that may be written. Raises Refused."""
        entries = self.entries(stream)
        if stream in self.tombstoned or (not entries and self._gone(stream)):
            raise Deleted
        if expected == "exists" and self._soft_deleted(stream):
            raise Deleted
        if expected == "exists" and not entries and not self.entries("$$" + stream):
            raise Wrong(exists=False)
        if expected in ("any", "exists"):
            return self._by_ids(stream, ids)
        stated = -1 if expected == "none" else int(expected)
        if stated == self.current(stream):
            return None
        there = [entry.id for entry in entries[stated + 1 : stated + 1 + len(ids)]]
        if ids and there == ids:
            return entries[stated + len(ids)]
        if ids and stated == -1 and self._soft_deleted(stream) and there[0] != ids[0]:
            return None
        raise Wrong(exists=bool(entries))

    def _by_ids(self, stream: str, ids: list[UUID]) -> Entry | None:
        known = [self.written_first.get(id_) for id_ in ids]
        here = [entry if entry and entry.stream == stream else None for entry in known]
        if not here or here[0] is None:
            return None
        if None in here:
            raise Wrong(exists=True)
        return here[-1]

    def _write(self, stream: str, type_: str, data: bytes, id_: UUID | None) -> None:
        entry = Entry(stream, self.current(stream) + 1, type_, data, id_)
        self.streams.setdefault(stream, []).append(entry)
        self.log.append(entry)
        if id_:
            self.written_first.setdefault(id_, entry)

    def _write_metadata(self, stream: str, metadata: dict[str, Any]) -> None:
        self._write("$$" + stream, "$metadata", json.dumps(metadata, separators=(",", ":")).encode(), None)

    def _gone(self, stream: str) -> bool:
        return stream in self.tombstoned or stream.removeprefix("$$") in self.tombstoned

    def _last_metadata(self, stream: str) -> bytes:
        found = self.entries("$$" + stream)
        return found[-1].data if found else b"{}"

    def _metadata(self, stream: str) -> dict[str, int]:
        if stream.startswith("$$"):
            return {"$maxCount": 1}
        found = json.loads(self._last_metadata(stream))
        known = {name: found[name] for name in ("$tb", "$maxCount") if name in found}
        return known if all(type(value) is int for value in known.values()) else {}

    def _soft_deleted(self, stream: str) -> bool:
        return self._metadata(stream).get("$tb") == SOFT_DELETE

    def _first_visible(self, stream: str) -> int:
        metadata = self._metadata(stream)
        kept = metadata.get("$maxCount", 0)
        return max(metadata.get("$tb", 0), self.current(stream) + 1 - kept if kept > 0 else 0)

    def _visible(self, stream: str) -> list[Entry]:
        return self.entries(stream)[self._first_visible(stream) :]
