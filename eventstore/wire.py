"""EventStoreDB's protobuf messages <-> the port's types. Pure.

Sources: EventStore/EventStore, src/Protos/Grpc/{streams,shared}.proto, and the modules that esdbclient generates
from them.
"""

import sys
from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from esdbclient.protos.Grpc import shared_pb2, status_pb2, streams_pb2

from eventstore import messages
from eventstore.failures import is_not_ready, no_right
from eventstore.store import (
    LIMITING,
    NO_STREAM,
    AccessRefused,
    Appended,
    NewEvent,
    OutcomeUnknown,
    Recorded,
    StoreError,
    StoreRefused,
    StoreUnavailable,
    WrongRevision,
    tombstoned,
)

EVERYTHING: Final = sys.maxsize
CHECKPOINT_EVERY: Final = 128
"""How many events the server considers between two checkpoints of a subscription."""

_NOT_THE_SERVERS: Final = r"^[^\$]"
_EMPTY: Final = shared_pb2.Empty()
_JSON: Final = "application/json"

_Options = streams_pb2.ReadReq.Options


def append_request(
    correlation: int, stream: str, events: Sequence[NewEvent], *, expected: int, seconds: float
) -> bytes:
    """Fields are set in place: built from parts, the same message takes twice as long."""
    request = streams_pb2.BatchAppendReq(is_final=True)
    request.correlation_id.structured.least_significant_bits = correlation
    options = request.options
    options.stream_identifier.stream_name = stream.encode()
    options.deadline.seconds, options.deadline.nanos = int(seconds), int(seconds % 1 * 1_000_000_000)
    if expected == NO_STREAM:
        options.no_stream.SetInParent()
    else:
        options.stream_position = expected
    for event in events:
        _propose(request.proposed_messages.add(), event)
    return request.SerializeToString()


def _propose(message: streams_pb2.BatchAppendReq.ProposedMessage, event: NewEvent) -> None:
    message.id.string = str(event.id)
    message.metadata["type"] = event.type
    message.metadata["content-type"] = _JSON
    message.custom_metadata = event.metadata
    message.data = event.data


def correlation_of(response: streams_pb2.BatchAppendResp) -> int:
    """The server may answer in either form, whatever form the request had."""
    sent = response.correlation_id
    if sent.HasField("structured"):
        return sent.structured.least_significant_bits
    return UUID(sent.string).int


def appended(response: streams_pb2.BatchAppendResp, stream: str, expected: int) -> Appended:
    """Raises WrongRevision, StoreRefused, AccessRefused, StoreUnavailable, OutcomeUnknown."""
    if response.HasField("success"):
        return Appended(response.success.current_revision, response.success.position.commit_position)
    raise _append_error(response.error, stream, expected)


def _append_error(error: status_pb2.Status, stream: str, expected: int) -> StoreError:
    details = error.details
    if details.Is(shared_pb2.WrongExpectedVersion.DESCRIPTOR):
        wrong = shared_pb2.WrongExpectedVersion()
        details.Unpack(wrong)
        current = wrong.WhichOneof("current_stream_revision_option")
        exists = current == "current_stream_revision"
        return WrongRevision(stream, expected, wrong.current_stream_revision if exists else NO_STREAM)
    if details.Is(shared_pb2.MaximumAppendSizeExceeded.DESCRIPTOR):
        exceeded = shared_pb2.MaximumAppendSizeExceeded()
        details.Unpack(exceeded)
        return StoreRefused(messages.append_too_large(stream, exceeded.maxAppendSize))
    if details.Is(shared_pb2.StreamDeleted.DESCRIPTOR):
        return tombstoned(stream)
    if details.Is(shared_pb2.AccessDenied.DESCRIPTOR):
        return AccessRefused(no_right(messages.append_to(stream)))
    refusals = (
        shared_pb2.BadRequest,
        shared_pb2.InvalidTransaction,
    )
    for refusal in refusals:
        if details.Is(refusal.DESCRIPTOR):
            return _with(StoreRefused(messages.append_refused(stream)), f"{refusal.__name__} {error.message}")
    if is_not_ready(error.message):
        return StoreUnavailable(messages.not_ready(stream))
    return _with(OutcomeUnknown(messages.outcome_unknown(stream)), error.message)


def _with(error: StoreError, inner: str) -> StoreError:
    error.inner = inner
    return error


def stream_request(stream: str, *, start: int | None, limit: int, backwards: bool) -> streams_pb2.ReadReq:
    options = _Options(
        stream=_Options.StreamOptions(
            stream_identifier=shared_pb2.StreamIdentifier(stream_name=stream.encode())
        ),
        count=limit,
        no_filter=_EMPTY,
    )
    if start is not None:
        options.stream.revision = start
    elif backwards:
        options.stream.end.CopyFrom(_EMPTY)
    else:
        options.stream.start.CopyFrom(_EMPTY)
    return _request(options, backwards=backwards)


def all_request(
    prefixes: Sequence[str], *, start: int | None, limit: int, backwards: bool = False
) -> streams_pb2.ReadReq:
    """From position `start`, which is included forwards and excluded backwards.

    Without prefixes: of all streams except the server's own.
    """
    options = _all_options(prefixes, start, backwards=backwards)
    options.count = limit
    return _request(options, backwards=backwards)


def at_request(position: int) -> streams_pb2.ReadReq:
    """The event at `position`, or the first one after it."""
    options = _Options(count=1, no_filter=_EMPTY)
    options.all.position.commit_position = position
    options.all.position.prepare_position = position
    return _request(options, backwards=False)


def last_request() -> streams_pb2.ReadReq:
    """The last event of all streams, including the server's own."""
    options = _Options(count=1, no_filter=_EMPTY)
    options.all.end.CopyFrom(_EMPTY)
    return _request(options, backwards=True)


def subscription_request(
    prefixes: Sequence[str], *, after: int | None, without: Collection[str] = ()
) -> streams_pb2.ReadReq:
    """A server filters either by stream or by type: `without` some types, other streams come too."""
    options = _all_options(prefixes, after, backwards=False)
    if without:
        options.filter.event_type.regex = _no_type_of(without)
    options.subscription.CopyFrom(_Options.SubscriptionOptions())
    return _request(options, backwards=False)


def _all_options(
    prefixes: Sequence[str], position: int | None, *, backwards: bool
) -> streams_pb2.ReadReq.Options:
    names = _Options.FilterOptions.Expression(prefix=prefixes, regex="" if prefixes else _NOT_THE_SERVERS)
    options = _Options(
        filter=_Options.FilterOptions(
            stream_identifier=names, max=CHECKPOINT_EVERY, checkpointIntervalMultiplier=1
        )
    )
    if position is not None:
        options.all.position.commit_position = position
        options.all.position.prepare_position = position
    elif backwards:
        options.all.end.CopyFrom(_EMPTY)
    else:
        options.all.start.CopyFrom(_EMPTY)
    return options


def _no_type_of(names: Collection[str]) -> str:
    """Source of the form, which esdbclient uses too: negative lookahead of .NET's regular expressions."""
    own = "|".join(name.removeprefix("$") for name in LIMITING)
    others = "|".join(sorted(names))
    return rf"^(?!\$(?!(?:{own})$)|(?:{others})$)"


def _request(options: streams_pb2.ReadReq.Options, *, backwards: bool) -> streams_pb2.ReadReq:
    options.read_direction = _Options.Backwards if backwards else _Options.Forwards
    options.uuid_option.string.CopyFrom(_EMPTY)
    return streams_pb2.ReadReq(options=options)


def recorded(read: streams_pb2.ReadResp.ReadEvent) -> Recorded:
    event = read.event
    about = event.metadata
    return Recorded(
        event.stream_identifier.stream_name.decode(errors="backslashreplace"),
        event.stream_revision,
        read.commit_position,
        event.id.string,
        about["type"],
        event.data,
        event.custom_metadata,
        int(about["created"]),
    )
