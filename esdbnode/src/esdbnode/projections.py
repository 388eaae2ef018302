"""The system projections: links by category, event type and correlation id, written as the log grows.

    $ce-CATEGORY    a link to every event of the streams CATEGORY-... (the category is what precedes the first dash)
    $et-TYPE        a link to every event of TYPE; a deletion of a stream is of type `$deleted`
    $bc-ID          a link to every event whose metadata has `$correlationId` ID
    $category-NAME  a reference (`$@`) to every stream of the category

Source: EventStoreDB's standard projections (CategorizeEventsByStreamPath, IndexEventsByEventType, ByCorrelationId,
CategorizeStreamByPath), as recorded. The links of an event and the progress past it are one transaction, so each link
is written once, whatever happens.
"""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple
from uuid import NAMESPACE_OID, uuid5

from esdbclient.protos.Grpc import streams_pb2

from esdbnode.storage.log import Log
from esdbnode.storage.reading import LAST, AllRow
from esdbnode.storage.transaction import Transaction
from esdbnode.storage.writing import CannotWrite
from esdbnode.streams import links, metadata
from esdbnode.streams.metadata import TICKS
from esdbnode.streams.proposals import Proposal, store

NAME = "system projections"
PAGE = 128
RETRY_SECONDS = 1.0
_VERSION = "1:-1:0:1"


class Emitted(NamedTuple):
    stream: str
    type: str
    data: str
    metadata: dict[str, Any]


class Event(NamedTuple):
    """`described`: for an event of a metastream, the stream that it describes; otherwise the event's own stream."""

    stream: str
    described: str
    revision: int
    type: str
    id: str
    created: int
    data: bytes
    custom: bytes
    deletes: bool


async def follow(log: Log) -> None:
    """Runs as long as the node. If the disk refuses a write, it tries again: links may be late, but are never lost."""
    position = log.read.progress(NAME)
    while True:
        rows = log.read.all_forwards(position + 1, LAST, PAGE)
        emitted = [
            (row[0], event.id, out) for row in rows for event in _event(log, row) for out in emit(log, event)
        ]
        try:
            if emitted:
                last = rows[-1][0]
                await log.submit(partial(_write, emitted=emitted, position=last))
        except CannotWrite:
            await asyncio.sleep(RETRY_SECONDS)
            continue
        if rows:
            position = rows[-1][0]
        else:
            await log.written(None)


def emit(log: Log, event: Event) -> Iterator[Emitted]:
    """The links that one event causes."""
    pointer = f"{event.revision}@{event.stream}"
    category = _category(event.described)
    if event.type == links.LINK:
        resolved = links.resolves(log.read, event.data)
        if category and resolved:
            yield Emitted(f"$ce-{category}", links.LINK, event.data.decode(), {"$o": event.described})
        return
    deleted = {"$deleted": -1} if event.deletes else {}
    if category and (event.deletes or event.described == event.stream):
        yield Emitted(f"$ce-{category}", links.LINK, pointer, {"$o": event.described, **deleted})
    if category and event.revision == 0 and event.described == event.stream:
        yield Emitted(f"$category-{category}", "$@", event.stream, {})
    yield Emitted(f"$et-{'$deleted' if event.deletes else event.type}", links.LINK, pointer, deleted)
    if correlation_id := _correlation_id(event.custom):
        at = datetime.fromtimestamp(event.created / TICKS, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        about = {"$eventTimestamp": at, "$correlationId": correlation_id}
        yield Emitted(f"$bc-{correlation_id}", links.LINK, pointer, about)


def _event(log: Log, row: AllRow) -> Iterator[Event]:
    """The event of a row; None if the projections wrote it themselves."""
    recorded = streams_pb2.ReadResp.FromString(row[3]).event.event
    stream, type_ = recorded.stream_identifier.stream_name.decode(), recorded.metadata["type"]
    if type_ in (links.LINK, "$@") and stream.startswith("$"):
        return
    about = metadata.is_metastream(stream)
    yield Event(
        stream,
        stream[2:] if about else stream,
        recorded.stream_revision,
        type_,
        recorded.id.string,
        int(recorded.metadata["created"]),
        recorded.data,
        recorded.custom_metadata,
        metadata.parse(recorded.data).soft_deleted if about else type_ == "$streamDeleted",
    )


def _category(stream: str) -> str | None:
    name, dash, _ = stream.partition("-")
    return name if dash and name and not stream.startswith("$") else None


def _correlation_id(custom: bytes) -> str | None:
    try:
        fields = json.loads(custom)
    except (ValueError, RecursionError):
        return None
    found = fields.get("$correlationId") if isinstance(fields, dict) else None
    return found if isinstance(found, str) and found else None


def _write(transaction: Transaction, emitted: list[tuple[int, str, Emitted]], position: int) -> None:
    for cause, event_id, out in emitted:
        about = {"$v": _VERSION, "$c": cause, "$p": cause, **out.metadata, "$causedBy": event_id}
        id_ = uuid5(NAMESPACE_OID, f"{out.stream} {cause}")
        custom = json.dumps(about, separators=(",", ":"), ensure_ascii=False).encode()
        sid = transaction.intern_stream(out.stream)
        revision = transaction.last_revision(sid) + 1
        proposed = Proposal(id_.bytes, str(id_), out.type, False, custom, out.data.encode())
        store(transaction, out.stream, sid, revision, proposed)
    transaction.set_progress(NAME, position)
