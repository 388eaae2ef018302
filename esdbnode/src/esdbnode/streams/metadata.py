"""Stream metadata: which events of a stream are visible, and for which users.

The last event of `$$stream` counts, whatever its type, if its content is JSON. Metadata that is not a JSON object, or
that has a wrong type in a field that the server knows, has no effect at all; an invalid number has no effect on the
other fields (EventStoreDB's StreamMetadata.cs).
"""

import json
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from esdbclient.protos.Grpc import streams_pb2

from esdbnode.storage.reading import Reader

DELETED = (1 << 63) - 1
"""The revision of a tombstone; also the `$tb` of a soft delete."""

TICKS = 10_000_000

_LONGEST = DELETED // TICKS
"""Seconds. A larger number, positive or negative, does not fit into a .NET TimeSpan, so it counts as a wrong type."""

Acl = Mapping[str, frozenset[str]]
"""The roles that have a right: `$r`, `$w` and `$d` for the stream, `$mr` and `$mw` for its metadata."""

_RIGHTS = frozenset(("$r", "$w", "$d", "$mr", "$mw"))


class Metadata(NamedTuple):
    max_count: int | None = None
    max_age: int | None = None
    truncate_before: int = 0
    acl: Acl | None = None

    @property
    def soft_deleted(self) -> bool:
        return self.truncate_before == DELETED


NONE = Metadata()
OF_A_METASTREAM = Metadata(max_count=1)


class Visible(NamedTuple):
    """The visible part of a stream: revisions from `first` on, created at `since` (ticks) or later."""

    first: int
    since: int


def is_metastream(stream: str) -> bool:
    return stream.startswith("$$")


def metadata_of(log: Reader, stream: str) -> Metadata:
    if is_metastream(stream):
        return OF_A_METASTREAM
    data = last_json(log, "$$" + stream)
    return NONE if data is None else parse(data)


def raw_metadata(log: Reader, stream: str) -> bytes | None:
    """Of any content type. A stream is re-created with it (GetStreamRawMeta in EventStoreDB's IndexWriter.cs)."""
    event = _last_event(log, "$$" + stream)
    return event.data if event else None


def last_json(log: Reader, stream: str) -> bytes | None:
    """The data of a stream's last event; None if there is no event, it is not JSON, or the stream was tombstoned."""
    event = _last_event(log, stream)
    return event.data if event and event.metadata["content-type"] == "application/json" else None


def _last_event(log: Reader, stream: str) -> Any:
    sid = log.stream_id(stream)
    revision = log.last_revision(sid)
    if sid is None or revision in (-1, DELETED):
        return None
    found = log.event(sid, revision)
    assert found is not None
    return streams_pb2.ReadResp.FromString(found[3]).event.event


def parse(data: bytes) -> Metadata:
    try:
        fields, _ = json.JSONDecoder().raw_decode(data.decode().lstrip("\ufeff \t\r\n"))
        return _checked(fields) if isinstance(fields, dict) else NONE
    except (ValueError, RecursionError):
        return NONE


def _checked(fields: dict[str, Any]) -> Metadata:
    if "$tmp" in fields and not isinstance(fields["$tmp"], bool):
        raise ValueError(fields)
    _number(fields, "$cacheControl", at_least=1, at_most=_LONGEST)
    return Metadata(
        _number(fields, "$maxCount", at_least=1),
        _number(fields, "$maxAge", at_least=1, at_most=_LONGEST),
        _number(fields, "$tb", at_least=0) or 0,
        acl_of(fields["$acl"]) if "$acl" in fields else None,
    )


def _number(fields: dict[str, Any], name: str, at_least: int, at_most: int = DELETED) -> int | None:
    value = fields.get(name, at_least - 1)
    if type(value) is not int or not -at_most - 1 <= value <= at_most:
        raise ValueError(value)
    return value if value >= at_least else None


def acl_of(value: Any) -> Acl:
    """From JSON: `{"$r": "one", "$w": ["several", ...]}`. Raises ValueError for anything else in it."""
    if not isinstance(value, dict) or not value.keys() <= _RIGHTS:
        raise ValueError(value)
    return {right: _roles(roles) for right, roles in value.items()}


def _roles(value: Any) -> frozenset[str]:
    roles = [value] if isinstance(value, str) else value
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise ValueError(value)
    return frozenset(roles)


def visible(metadata: Metadata, last_revision: int) -> Visible:
    first = metadata.truncate_before
    if metadata.max_count is not None:
        first = max(first, last_revision - metadata.max_count + 1)
    since = time.time_ns() // 100 - metadata.max_age * TICKS if metadata.max_age is not None else 0
    return Visible(first, since)


def deleted_with_its_stream(log: Reader, stream: str) -> bool:
    """Whether a stream is tombstoned, or, for a metastream, the stream that it describes."""
    while True:
        if log.last_revision(log.stream_id(stream)) == DELETED:
            return True
        if not is_metastream(stream):
            return False
        stream = stream[2:]
