"""An event and its metadata <-> what the log holds. The vocabulary names the types.

Data and metadata are JSON. `$correlationId` and `$causationId` are EventStoreDB's own names, `$traceId` and `$spanId`
those of its clients.
"""

import re
from datetime import datetime
from typing import Any, Final, Generic, TypeVar
from uuid import UUID, uuid5

import msgspec

from domain.decider import Event
from domain.errors import DomainError
from domain.vocabulary import BY_CLASS, BY_NAME, VOCABULARY, EventType
from eventstore import messages
from eventstore.store import NewEvent, Recorded

_DECODERS: Final = {each.name: msgspec.json.Decoder(each.cls).decode for each in VOCABULARY}
_encoder: Final = msgspec.json.Encoder()
UNDECODABLE: Final = (ValueError, RecursionError, msgspec.MsgspecError)
"""What msgspec raises for bytes that another program wrote. UnicodeDecodeError is a ValueError."""

_DEEPEST: Final = 100
_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKET: Final = re.compile(rb"[\[\]{}]")

UNKNOWN_ACTOR: Final = "unknown"

E = TypeVar("E", covariant=True)


class UnreadableEvent(Exception):
    """The log holds an event that this version cannot read. The message names it."""


class Metadata(msgspec.Struct, frozen=True, kw_only=True):
    """What is known about an event in addition to its data.

    `correlation_id` is shared by everything that one request caused; `causation_id` is the command or event that caused
    this one; `at` is the time of the command; `schema` is the version of the event's data. `trace_id` and `span_id` are
    those of the caller in W3C Trace Context, 32 and 16 hexadecimal digits.
    """

    correlation_id: str = msgspec.field(name="$correlationId")
    causation_id: UUID = msgspec.field(name="$causationId")
    trace_id: str | msgspec.UnsetType = msgspec.field(name="$traceId", default=msgspec.UNSET)
    span_id: str | msgspec.UnsetType = msgspec.field(name="$spanId", default=msgspec.UNSET)
    command_id: UUID
    actor: str
    at: datetime
    schema: int = 1


class Fact(msgspec.Struct, Generic[E], frozen=True, gc=False):
    """An event of the log, decoded. `actor` is who gave its command; without a correlation id its text is empty.

    On the read side, `standing` is that of the aggregate after the event (`Decider.follow`).
    """

    recorded: Recorded
    event: E
    actor: str
    correlation_id: str
    standing: Any = None


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """What the metadata of an event says about where it comes from, as text; other programs may write anything."""

    correlation_id: str = ""
    causation_id: str = ""
    command_id: str = ""
    actor: str = UNKNOWN_ACTOR


_ORIGIN: Final = {
    "correlation_id": "$correlationId",
    "causation_id": "$causationId",
    "command_id": "command_id",
    "actor": "actor",
}


class _About(msgspec.Struct, gc=False):
    """The part of the metadata that decoding needs. An unusable correlation id does not make the rest unusable."""

    actor: str = UNKNOWN_ACTOR
    schema: int = 1
    correlation_id: Any = msgspec.field(name="$correlationId", default="")


class _Schema(msgspec.Struct, gc=False):
    schema: int = 1


_about: Final = msgspec.json.Decoder(_About).decode
_schema: Final = msgspec.json.Decoder(_Schema).decode
_metadata: Final = msgspec.json.Decoder(Metadata).decode


def encode(event: Event, metadata: Metadata, index: int, seed: UUID | None = None) -> NewEvent:
    """The `index`-th event of a command. Its id is made from `seed`, by default the command's id."""
    known = BY_CLASS[type(event)]
    if metadata.schema != known.version:
        metadata = msgspec.structs.replace(metadata, schema=known.version)
    data = _encoder.encode(event)
    return NewEvent(
        id=event_id(seed or metadata.command_id, index, data),
        type=known.name,
        data=data,
        metadata=_encoder.encode(metadata),
    )


def encode_data(event: Event) -> tuple[str, bytes]:
    """The event's wire name, and its data as it is on the wire."""
    return BY_CLASS[type(event)].name, _encoder.encode(event)


def decode_data(name: str, data: bytes) -> Event:
    """From data of the event's newest version. Raises one of UNDECODABLE, DomainError, KeyError."""
    return _DECODERS[name](data)


def event_id(command_id: UUID, index: int, data: bytes) -> UUID:
    """UUIDv5(command id, index and data): the same for every try, so that a repeated append is recognised.

    The log compares only ids. As the id depends on the data, the same command id with another body is a conflict in the
    log and not a repetition, also if the body was decided on a state that is behind the log.
    """
    return uuid5(command_id, f"{index} {data.decode()}")


def decode(recorded: Recorded) -> Fact[Event]:
    """Metadata that cannot be read counts as missing: schema 1, and the actor is unknown. Raises UnreadableEvent."""
    known = BY_NAME.get(recorded.type)
    if known is None:
        raise UnreadableEvent(messages.unknown_type(name_of(recorded)))
    about = _read_about(recorded.metadata)
    try:
        event = _event(known, recorded.data, about.schema)
    except (*UNDECODABLE, DomainError, LookupError, TypeError) as error:
        raise UnreadableEvent(messages.unreadable(name_of(recorded), str(error))) from error
    if recorded.stream != f"{known.category}-{event.aggregate_id}":
        raise UnreadableEvent(messages.in_wrong_stream(name_of(recorded), event.aggregate_id))
    correlation_id = about.correlation_id
    return Fact(recorded, event, about.actor, correlation_id if type(correlation_id) is str else "")


def check_depth(content: bytes) -> None:
    """Raises ValueError if JSON is nested deeply.

    How deep msgspec can read depends on the stack of its caller. With a limit, every reader reads the same.
    """
    if content.count(b"[") + content.count(b"{") <= _DEEPEST:
        return
    depth = 0
    for bracket in _BRACKET.finditer(_STRING.sub(b"", content)):
        depth += 1 if bracket[0] in b"[{" else -1
        if depth > _DEEPEST:
            raise ValueError(messages.nested_too_deeply(_DEEPEST))


def _read_about(metadata: bytes) -> _About:
    try:
        check_depth(metadata)
        return _about(metadata)
    except UNDECODABLE:
        return _About(schema=_read_schema(metadata))


def _read_schema(metadata: bytes) -> int:
    try:
        check_depth(metadata)
        return _schema(metadata).schema
    except UNDECODABLE:
        return 1


def _event(known: EventType, data: bytes, schema: int) -> Event:
    check_depth(data)
    schema = max(schema, 1)
    if schema == known.version:
        return _DECODERS[known.name](data)
    if schema > known.version:
        raise ValueError(messages.unknown_schema(schema, known.version))
    fields: dict[str, Any] = msgspec.json.decode(data, type=dict[str, Any])
    for upcast in known.upcasters[schema - 1 :]:
        fields = upcast(fields)
    return msgspec.convert(fields, known.cls)


def decode_metadata(recorded: Recorded) -> Metadata:
    """Raises UnreadableEvent."""
    try:
        return _metadata(recorded.metadata)
    except UNDECODABLE as error:
        raise UnreadableEvent(messages.unreadable_metadata(name_of(recorded), str(error))) from error


def origin(recorded: Recorded) -> Origin:
    """What is not text counts as missing."""
    try:
        check_depth(recorded.metadata)
        found = msgspec.json.decode(recorded.metadata, type=dict[str, Any])
    except UNDECODABLE:
        return Origin()
    named = ((field, found.get(name)) for field, name in _ORIGIN.items())
    return Origin(**{field: value for field, value in named if type(value) is str})


def as_json(content: bytes) -> msgspec.Raw:
    """An event's data or metadata as JSON for people. Bytes that are not JSON become a string, no bytes become null."""
    try:
        msgspec.json.decode(content)
    except UNDECODABLE:
        text = content.decode(errors="backslashreplace") or None
        return msgspec.Raw(_encoder.encode(text))
    return msgspec.Raw(content)


def name_of(recorded: Recorded) -> str:
    return messages.event_at(recorded.revision, recorded.stream, recorded.position, recorded.type)
