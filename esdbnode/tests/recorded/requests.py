"""A step of a conversation -> the protobuf messages to send."""

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

from esdbclient.protos.Grpc import shared_pb2, streams_pb2
from google.protobuf import empty_pb2

from tests.recorded.names import Names

Step = dict[str, Any]
Headers = list[tuple[str, str]]

READ_ALL = 1 << 62
_EMPTY = shared_pb2.Empty()
_BATCH_EMPTY = empty_pb2.Empty()
_CORRELATION = "11111111-1111-4111-8111-111111111111"
_SYSTEM = ("", "$$", "$$$$", "$ce-", "$et-", "$bc-", "$category-")


def headers(step: Step) -> Headers:
    signed_in = [("authorization", basic(step["as"]))] if "as" in step else []
    return [(name, value) for name, value in step.get("headers", [])] + signed_in


def basic(credential: str) -> str:
    return "Basic " + base64.b64encode(credential.encode()).decode()


def metadata_as_append(step: Step) -> Step:
    data = step["data"] if isinstance(step["data"], str) else json.dumps(step["data"])
    event = {"type": "$metadata", "data": data, "id": step.get("id", 900)}
    return {"expect": "any", **step, "stream": "$$" + step["stream"], "events": [event]}


def append(step: Step, names: Names) -> list[Any]:
    options = streams_pb2.AppendReq.Options(stream_identifier=_stream(step, names))
    _expect(options, "revision", step.get("expect", "any"), _EMPTY)
    first = [streams_pb2.AppendReq(options=options)] if step.get("options", True) else []
    kind = streams_pb2.AppendReq.ProposedMessage
    return [
        *first,
        *(
            streams_pb2.AppendReq(proposed_message=_event(kind, event, number, names))
            for number, event in enumerate(step["events"])
        ),
    ]


def batch(step: Step, names: Names) -> Iterator[Any]:
    """One request for each chunk; the first has the options, the last is final."""
    chunks = step.get("chunks") or [step["events"]]
    number = 0
    for index, chunk in enumerate(chunks):
        request = streams_pb2.BatchAppendReq(
            correlation_id=shared_pb2.UUID(string=names.event_id(step.get("correlation", _CORRELATION))),
            is_final=step.get("final", True) and index == len(chunks) - 1,
        )
        if index == 0 and step.get("options", True):
            options = request.options
            options.stream_identifier.CopyFrom(_stream(step, names))
            _expect(options, "stream_position", step.get("expect", "any"), _BATCH_EMPTY)
            if "deadline_s" in step:
                options.deadline.seconds = step["deadline_s"]
        for event in chunk:
            kind = streams_pb2.BatchAppendReq.ProposedMessage
            request.proposed_messages.append(_event(kind, event, number, names))
            number += 1
        yield request


def delete(kind: Any, step: Step, names: Names) -> Any:
    """`kind` is DeleteReq or TombstoneReq."""
    options = kind.Options(stream_identifier=_stream(step, names))
    _expect(options, "revision", step.get("expect", "any"), _EMPTY)
    return kind(options=options)


def read(step: Step, names: Names, commit_of: Callable[[str], int], *, subscribe: bool) -> Any:
    """`commit_of("s/0")`: the position of that event."""
    options = streams_pb2.ReadReq.Options(resolve_links=step.get("links", False))
    if "stream" in step:
        options.stream.stream_identifier.CopyFrom(_stream(step, names))
        _start(options.stream, "revision", step.get("from", "start"))
    else:
        _start_of_all(options.all, step.get("from", "start"), commit_of)
    if step.get("dir") == "backwards":
        options.read_direction = options.Backwards
    if subscribe:
        options.subscription.SetInParent()
    elif (count := step.get("count", 1000)) is not None:
        options.count = count
    _filter(options, step, names)
    uuids = step.get("uuids", "string")
    if uuids:
        getattr(options.uuid_option, uuids).CopyFrom(_EMPTY)
    if "compatibility" in step:
        options.control_option.compatibility = step["compatibility"]
    return streams_pb2.ReadReq(options=options)


def read_own_events(names: Names, after: int) -> Any:
    """All events of the conversation's streams, their metastreams and the system's links to them."""
    options = streams_pb2.ReadReq.Options(count=READ_ALL)
    options.filter.stream_identifier.prefix.extend(start + names.category for start in _SYSTEM)
    options.filter.max, options.filter.checkpointIntervalMultiplier = 10_000, 1
    options.all.position.commit_position = options.all.position.prepare_position = after
    options.uuid_option.string.CopyFrom(_EMPTY)
    return streams_pb2.ReadReq(options=options)


def read_last_event() -> Any:
    options = streams_pb2.ReadReq.Options(count=1, no_filter=_EMPTY)
    options.all.end.CopyFrom(_EMPTY)
    options.read_direction = options.Backwards
    options.uuid_option.string.CopyFrom(_EMPTY)
    return streams_pb2.ReadReq(options=options)


def _stream(step: Step, names: Names) -> Any:
    return shared_pb2.StreamIdentifier(stream_name=names.stream(step["stream"]).encode())


def _expect(options: Any, revision: str, expected: int | str, empty: Any) -> None:
    if isinstance(expected, int):
        setattr(options, revision, expected)
    elif expected != "unset":
        getattr(options, expected).CopyFrom(empty)


def _event(kind: Any, event: Step, number: int, names: Names) -> Any:
    metadata = {
        "type": names.own(event["type"]) if event.get("type") else event.get("type", "T"),
        "content-type": event.get("content_type", "application/json"),
        **event.get("more_metadata", {}),
    }
    return kind(
        id=shared_pb2.UUID(string=names.event_id(event.get("id", number))),
        metadata={key: value for key, value in metadata.items() if value is not None},
        data=_data(event, names),
        custom_metadata=names.own(event.get("meta", "")).encode(),
    )


def _data(event: Step, names: Names) -> bytes:
    if "link_to" in event:
        stream, revision = event["link_to"]
        return f"{revision}@{names.stream(stream)}".encode()
    if "size" in event:
        return b'"' + b"x" * (int(event["size"]) - 2) + b'"'
    data = str(event.get("data", "{}"))
    return bytes.fromhex(data[4:]) if data.startswith("hex:") else data.encode()


def _start(options: Any, revision: str, start: int | str) -> None:
    if isinstance(start, int):
        setattr(options, revision, start)
    else:
        getattr(options, start).CopyFrom(_EMPTY)


def _start_of_all(options: Any, start: str | Step, commit_of: Callable[[str], int]) -> None:
    if isinstance(start, str):
        getattr(options, start).CopyFrom(_EMPTY)
        return
    at = commit_of(start["at"]) + start.get("plus", 0) if "at" in start else None
    options.position.commit_position = start["commit"] if at is None else at
    options.position.prepare_position = start["prepare"] if at is None else at


def _filter(options: Any, step: Step, names: Names) -> None:
    """A read of $all has a filter for the conversation's own streams, unless the step says otherwise."""
    wanted = step.get("filter")
    if wanted is None and "stream" not in step and "no_filter" not in step:
        wanted = {"stream_prefix": [""]}
    if wanted is None:
        if "no_filter_option" not in step:
            options.no_filter.CopyFrom(_EMPTY)
        return
    for key, value in wanted.items():
        _expression(options.filter, key, value, names)
    window = wanted.get("window", 32)
    if window == "count":
        options.filter.count.CopyFrom(_EMPTY)
    elif window is not None:
        options.filter.max = window
    options.filter.checkpointIntervalMultiplier = wanted.get("multiplier", 1)


def _expression(filter_: Any, key: str, value: Any, names: Names) -> None:
    of, _, how = key.partition("_")
    expression = filter_.stream_identifier if of == "stream" else filter_.event_type
    if how == "regex":
        expression.regex = names.own(value)
    elif how == "prefix" and of == "stream":
        expression.prefix.extend(
            "$$" + names.prefix + name[2:] if name.startswith("$$") else names.prefix + name for name in value
        )
    elif how == "prefix":
        expression.prefix.extend(names.own(name) for name in value)
