"""From an answer to JSON that is the same for both servers: only the fields that are set, in the test's names."""

import json
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import grpc
from esdbclient.protos.Grpc import shared_pb2

from tests.recorded.names import Names

Json = Any

TICKS = 1e7
_CURRENT_SECONDS = 600
_LONG = 200
_TRANSPORT = {
    *("content-length", "content-type", "date", "server"),
    *("grpc-accept-encoding", "grpc-encoding", "grpc-message", "grpc-status", "grpc-status-details-bin"),
}


def ending(call: Any, names: Names) -> Json:
    """How a call ended: its status, and the details and trailers of an error."""
    ended = {"status": call.code().name}
    if call.code() is grpc.StatusCode.OK:
        return ended
    ended["details"] = names.clean(call.details() or "")
    trailers = {
        key: names.clean(value if isinstance(value, str) else value.hex())
        for key, value in call.trailing_metadata() or ()
        if key not in _TRANSPORT
    }
    return {**ended, "trailers": trailers} if trailers else ended


def message(received: Any, names: Names) -> Json:
    """Any message: the fields that are set."""
    shown: Json = {}
    for field, value in received.ListFields():
        if field.name == "position" and hasattr(value, "commit_position"):
            _put_position(shown, value, names)
        else:
            shown[field.name] = _value(field, value, names)
    return shown


def batch(received: Any, names: Names) -> Json:
    shown = {
        "correlation": names.clean(received.correlation_id.string),
        "result": received.WhichOneof("result"),
        "expected": received.WhichOneof("expected_stream_position"),
    }
    if received.HasField("success"):
        shown["success"] = message(received.success, names)
    elif received.HasField("error"):
        shown |= _batch_error(received.error, names)
    if received.HasField("stream_identifier"):
        shown["stream"] = names.clean(received.stream_identifier.stream_name.decode())
    if shown["expected"] == "stream_position":
        shown["expected"] = received.stream_position
    return shown


def read(received: Any, names: Names) -> Json:
    """A message of a read or of a subscription."""
    kind = received.WhichOneof("content")
    value: Any = getattr(received, kind) if kind else None
    match kind:
        case "event":
            return _read_event(value, names)
        case "confirmation":
            return {kind: bool(value.subscription_id)}
        case "checkpoint" | "last_all_stream_position":
            return {kind: names.position(value.commit_position)}
        case "stream_not_found":
            return {kind: names.clean(value.stream_identifier.stream_name.decode())}
        case "caught_up" | "fell_behind":
            return {kind: True}
    return {kind: value}


def portable(messages: list[Json], *, from_start_of_all: bool) -> list[Json]:
    """Without the checkpoints about events that the log held before the conversation began.

    From the start of $all that is all of them but the one before `caught_up`.
    """

    def is_shown(index: int) -> bool:
        at = messages[index].get("checkpoint")
        last = messages[index + 1 : index + 2] == [{"caught_up": True}]
        return at is None or (at != "before" and (last or not from_start_of_all))

    return [shown for index, shown in enumerate(messages) if is_shown(index)]


def _value(field: Any, value: Any, names: Names) -> Json:
    if field.message_type is None:
        if isinstance(value, bytes):
            return names.clean_bytes(value)
        return names.clean(value) if isinstance(value, str) else value
    full_name: str = field.message_type.full_name
    if full_name == "event_store.client.UUID":
        return names.clean(value.string)
    if full_name == "event_store.client.StreamIdentifier":
        return names.clean(value.stream_name.decode())
    return True if full_name.endswith("Empty") else message(value, names)


def _put_position(shown: Json, position: Any, names: Names) -> None:
    shown["position"] = names.position(position.commit_position)
    if position.commit_position != position.prepare_position:
        shown["prepare"] = names.position(position.prepare_position)


def _batch_error(error: Any, names: Names) -> Json:
    shown = {"code": error.code, "message": names.clean(error.message)}
    if error.HasField("details"):
        shown["details_type"] = error.details.type_url
        kind: Callable[[], Any] | None = getattr(shared_pb2, error.details.type_url.rpartition(".")[2], None)
        if kind:
            details = kind()
            details.ParseFromString(error.details.value)
            shown["details"] = message(details, names)
    return shown


def _read_event(received: Any, names: Names) -> Json:
    """`at` only if the position next to the event is not the event's own."""
    shown = {
        kind: _event(getattr(received, kind), names) for kind in ("event", "link") if received.HasField(kind)
    }
    own = received.link if received.HasField("link") else received.event
    kind = received.WhichOneof("position")
    if kind != "commit_position":
        shown["at"] = kind
    elif received.commit_position != own.commit_position:
        shown["at"] = names.position(received.commit_position)
    return shown


def _event(event: Any, names: Names) -> Json:
    metadata = dict(event.metadata)
    created = metadata.pop("created", "")
    shown: Json = {
        "stream": names.clean(event.stream_identifier.stream_name.decode()),
        "revision": event.stream_revision,
        "id": _id(event.id, names),
        "type": names.clean(metadata.pop("type", "")),
        "content_type": metadata.pop("content-type", None),
        "data": names.clean_bytes(event.data),
    }
    if len(shown["data"]) > _LONG:
        shown["data"] = f"{len(event.data)} bytes"
    if event.custom_metadata:
        shown["meta"] = names.clean_bytes(event.custom_metadata)
    if metadata:
        shown["more_metadata"] = metadata
    if not _is_current(created):
        shown["created"] = created
    if (at := names.position(event.commit_position)) != f"@{shown['stream']}/{shown['revision']}":
        shown["position"] = at
    if event.prepare_position != event.commit_position:
        shown["prepare"] = names.position(event.prepare_position)
    if not shown["id"].startswith(("id", "structured:")):
        _hide_what_the_server_chose(shown)
    return shown


def _id(id_: Any, names: Names) -> str:
    if id_.string:
        return names.clean(id_.string)
    halves = (id_.structured.most_significant_bits, id_.structured.least_significant_bits)
    high, low = (half & ((1 << 64) - 1) for half in halves)
    return names.clean(f"structured:{UUID(int=high << 64 | low)}")


def _is_current(created: str) -> bool:
    return created.isdigit() and abs(int(created) / TICKS - time.time()) < _CURRENT_SECONDS


def _hide_what_the_server_chose(shown: Json) -> None:
    shown["id"] = "server's"
    if shown.get("meta", "").startswith("{"):
        shown["meta"] = "keys " + " ".join(sorted(json.loads(shown["meta"])))
