"""Wire name <-> event class. A name outlives its class; the metadata carries the schema version.

Data and metadata are JSON. `$correlationId` and `$causationId` are EventStoreDB's own names.
"""

from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

import msgspec

from domain.events import AccountCreated, AccountEvent, MoneyDeposited, MoneyWithdrawn
from eventstore.store import NewEvent, Recorded

TYPES: Final[dict[str, type[AccountEvent]]] = {
    "AccountCreated": AccountCreated,
    "MoneyDeposited": MoneyDeposited,
    "MoneyWithdrawn": MoneyWithdrawn,
}
_NAMES: Final = {cls: name for name, cls in TYPES.items()}
_DECODERS: Final = {name: msgspec.json.Decoder(cls) for name, cls in TYPES.items()}
_encoder: Final = msgspec.json.Encoder()


class UnreadableEvent(Exception):
    """The log holds an event that this version cannot read."""


class Metadata(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an event beside what happened.

    `correlation_id` is shared by all that one request led to; `causation_id` is the command or event that led to
    this one; `at` is when the command was given.
    """

    correlation_id: UUID = msgspec.field(name="$correlationId")
    causation_id: UUID = msgspec.field(name="$causationId")
    command_id: UUID
    actor: str
    at: datetime
    schema: int = 1


_metadata_decoder: Final = msgspec.json.Decoder(Metadata)


def encode(event: AccountEvent, metadata: Metadata, index: int) -> NewEvent:
    """The `index`-th event of a command."""
    data = _encoder.encode(event)
    return NewEvent(
        id=event_id(metadata.command_id, index, data),
        type=_NAMES[type(event)],
        data=data,
        metadata=_encoder.encode(metadata),
    )


def event_id(command_id: UUID, index: int, data: bytes) -> UUID:
    """UUIDv5(command id, index and data): the same for every try, so that a repeated append is recognised.

    The log compares ids alone. With the data among them, the same command id with another body is a conflict there
    and not a repetition, also where the body was decided on a state that is behind the log.
    """
    return uuid5(command_id, f"{index} {data.decode()}")


def decode(recorded: Recorded) -> AccountEvent:
    """Raises UnreadableEvent, naming the event."""
    try:
        return _DECODERS[recorded.type].decode(recorded.data)
    except (KeyError, msgspec.MsgspecError) as error:
        raise UnreadableEvent(_unreadable(recorded, error)) from error


def decode_metadata(recorded: Recorded) -> Metadata:
    """Raises UnreadableEvent, naming the event."""
    try:
        return _metadata_decoder.decode(recorded.metadata)
    except msgspec.MsgspecError as error:
        raise UnreadableEvent(_unreadable(recorded, error)) from error


def shown(content: bytes) -> msgspec.Raw:
    """An event's data or metadata as JSON for people, also where it is none: then a text, or null for nothing."""
    try:
        msgspec.json.decode(content)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        text = content.decode(errors="backslashreplace") or None
        return msgspec.Raw(_encoder.encode(text))
    return msgspec.Raw(content)


def _unreadable(recorded: Recorded, error: Exception) -> str:
    where = f"Event {recorded.revision} of {recorded.stream} (position {recorded.position}, {recorded.type})"
    return f"{where} cannot be read: {error}"
