"""Links: an event of type `$>` with the data `revision@stream`, read as the event that it points to.

Once resolved, `event` is the target and `link` the link. If the target cannot be read (absent, truncated, deleted),
`event` is unset. An event whose data is not a link is an ordinary event, but on a live subscription it is a link whose
target cannot be read. A target that is a link itself is not resolved.

Source: ResolveLinkToEvent in EventStoreDB's StorageReaderWorker.cs, and for live subscriptions in its
SubscriptionsService.cs.
"""

import re
from typing import Any, NamedTuple, Protocol

from esdbclient.protos.Grpc import streams_pb2

from esdbnode.storage.reading import Reader
from esdbnode.streams.metadata import DELETED, deleted_with_its_stream, metadata_of, visible

LINK = "$>"
_POINTER = re.compile(r"\s*([+-]?[0-9]{1,19})\s*(?:@(.*))?", re.ASCII | re.DOTALL)


class Render(Protocol):
    """The message for an event, from its type's number and stored response. `live`: the subscription has caught up."""

    def __call__(self, tid: int, response: bytes, *, live: bool = False) -> bytes: ...


class Pointer(NamedTuple):
    """The target of a link. `stream` is None for a number without an `@`: a link to nothing."""

    revision: int
    stream: str | None


_NOWHERE = Pointer(-1, None)


def renderer(log: Reader, *, resolve_links: bool, structured_ids: bool) -> Render | None:
    """None if responses are sent as they are stored."""
    if not resolve_links and not structured_ids:
        return None

    def render(tid: int, response: bytes, *, live: bool = False) -> bytes:
        if resolve_links and log.type_name(tid) == LINK:
            response = resolve(log, response, live=live)
        return with_structured_ids(response) if structured_ids else response

    return render


def resolve(log: Reader, response: bytes, *, live: bool) -> bytes:
    read = streams_pb2.ReadResp.FromString(response)
    pointer = _pointer(read.event.event.data) or (_NOWHERE if live else None)
    if pointer is None:
        return response
    event = streams_pb2.ReadResp.ReadEvent(
        event=_target(log, pointer), link=read.event.event, commit_position=read.event.commit_position
    )
    return streams_pb2.ReadResp(event=event).SerializeToString()


def resolves(log: Reader, data: bytes) -> bool:
    """Whether this is a link to an event that can be read."""
    pointer = _pointer(data)
    return pointer is not None and _target(log, pointer) is not None


def _pointer(data: bytes) -> Pointer | None:
    """None for data that does not begin with a number of 64 bits."""
    found = _POINTER.fullmatch(data.decode(errors="replace"))
    if found is None or not -DELETED - 1 <= int(found[1]) <= DELETED:
        return None
    return Pointer(int(found[1]), found[2])


def _target(log: Reader, pointer: Pointer) -> Any:
    revision, stream = pointer
    if stream is None or revision < 0:
        return None
    sid = log.stream_id(stream)
    if sid is None or deleted_with_its_stream(log, stream):
        return None
    shown = visible(metadata_of(log, stream), log.last_revision(sid))
    found = log.event(sid, revision) if revision >= shown.first else None
    if found is None or found[1] < shown.since:
        return None
    return streams_pb2.ReadResp.FromString(found[3]).event.event


def with_structured_ids(response: bytes) -> bytes:
    read = streams_pb2.ReadResp.FromString(response)
    for name in ("event", "link"):
        if read.event.HasField(name):
            _structure(getattr(read.event, name).id)
    return read.SerializeToString()


def _structure(id_: Any) -> None:
    raw = bytes.fromhex(id_.string.replace("-", ""))
    id_.structured.most_significant_bits = int.from_bytes(raw[:8], "big", signed=True)
    id_.structured.least_significant_bits = int.from_bytes(raw[8:], "big", signed=True)
