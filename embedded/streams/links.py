"""Links: an event of type `$>` whose data is `revision@stream`, read as the event that it points at.

Resolved, `event` is the target and `link` the link; a target that cannot be read (absent, truncated, deleted) leaves
`event` unset; data that is no link is an ordinary event. The target is not resolved further.
"""

import re
from collections.abc import Callable
from typing import Any

from esdbclient.protos.Grpc import streams_pb2

from embedded.storage.reading import Reader
from embedded.streams.metadata import deleted_with_its_stream, metadata_of, visible

LINK = "$>"
_POINTER = re.compile(r"\s*([+-]?[0-9]{1,19})\s*@(.*)", re.ASCII | re.DOTALL)

Render = Callable[[int, bytes], bytes]
"""(type id, stored response) -> the response to send."""


def renderer(log: Reader, *, resolve_links: bool, structured_ids: bool) -> Render | None:
    """None when responses are sent as they are stored."""
    if not resolve_links and not structured_ids:
        return None

    def render(tid: int, response: bytes) -> bytes:
        if resolve_links and log.type_name(tid) == LINK:
            response = resolve(log, response)
        return with_structured_ids(response) if structured_ids else response

    return render


def resolve(log: Reader, response: bytes) -> bytes:
    read = streams_pb2.ReadResp.FromString(response)
    pointer = _POINTER.fullmatch(read.event.event.data.decode(errors="replace"))
    if pointer is None:
        return response
    target = _target(log, pointer[2], int(pointer[1]))
    event = streams_pb2.ReadResp.ReadEvent(
        event=target, link=read.event.event, commit_position=read.event.commit_position
    )
    return streams_pb2.ReadResp(event=event).SerializeToString()


def resolves(log: Reader, data: bytes) -> bool:
    """Whether this is a link to an event that can be read."""
    pointer = _POINTER.fullmatch(data.decode(errors="replace"))
    return pointer is not None and _target(log, pointer[2], int(pointer[1])) is not None


def _target(log: Reader, stream: str, revision: int) -> Any:
    sid = log.stream_id(stream)
    if sid is None or revision < 0 or deleted_with_its_stream(log, stream):
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
