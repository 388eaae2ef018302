"""The bytes of ReadResp messages, encoded once when an event is appended and copied from then on; of BatchAppendResp.

Encoded by hand because this is the hot path; field numbers are those of EventStoreDB's streams.proto:

    ReadResp      1 event, 2 confirmation, 3 checkpoint, 4 stream_not_found, 5 first_stream_position,
                  6 last_stream_position, 8 caught_up
    ReadEvent     1 event, 2 link, 3 commit_position
    RecordedEvent 1 id, 2 stream_identifier, 3 stream_revision, 4 prepare_position, 5 commit_position, 6 metadata,
                  7 custom_metadata, 8 data
    BatchAppendResp 1 correlation_id, 3 success, 4 stream_identifier
    Success         1 current_revision, 2 no_stream, 3 position, 4 no_position
"""

from functools import lru_cache

CAUGHT_UP = b"\x42\x00"
_JSON = b"\x32\x20\x0a\x0ccontent-type\x12\x10application/json"
_BINARY = b"\x32\x28\x0a\x0ccontent-type\x12\x18application/octet-stream"


def varint(value: int) -> bytes:
    """Unsigned LEB128."""
    if value < 0x80:
        return bytes((value,))
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def field(number: int, value: bytes) -> bytes:
    """A length-delimited field."""
    return varint(number << 3 | 2) + varint(len(value)) + value


@lru_cache(maxsize=4_096)
def stream_identifier(name: str) -> bytes:
    """StreamIdentifier{3: name}, without its own tag."""
    return field(3, name.encode())


@lru_cache(maxsize=4_096)
def _type_entry(name: str) -> bytes:
    return field(6, field(1, b"type") + field(2, name.encode()))


@lru_cache(maxsize=64)
def _created_entry(ticks: int) -> bytes:
    return field(6, field(1, b"created") + field(2, str(ticks).encode()))


def recorded(
    event_id: str,
    stream: str,
    revision: int,
    position: int,
    type_: str,
    created: int,
    json: bool,
    custom: bytes,
    data: bytes,
) -> bytes:
    """The ReadResp of an event. `created` in 100 ns ticks since 1970."""
    at = varint(position)
    identifier = stream_identifier(stream)
    event = b"".join(
        (
            b"\x0a\x26\x12\x24",
            event_id.encode(),
            b"\x12",
            varint(len(identifier)),
            identifier,
            b"\x18" + varint(revision) if revision else b"",
            b"\x20",
            at,
            b"\x28",
            at,
            _type_entry(type_),
            _created_entry(created),
            _JSON if json else _BINARY,
            b"\x3a" + varint(len(custom)) + custom if custom else b"",
            b"\x42" + varint(len(data)) + data if data else b"",
        )
    )
    size = varint(len(event))
    return b"".join(
        (b"\x0a", varint(len(event) + len(size) + len(at) + 2), b"\x0a", size, event, b"\x18", at)
    )


def confirmation(subscription_id: str) -> bytes:
    return field(2, field(1, subscription_id.encode()))


def checkpoint(position: int) -> bytes:
    at = varint(position)
    return b"\x1a" + varint(2 * len(at) + 2) + b"\x08" + at + b"\x10" + at


def stream_not_found(stream: str) -> bytes:
    return field(4, field(1, stream_identifier(stream)))


def first_stream_position(revision: int) -> bytes:
    return b"\x28" + varint(revision)


def last_stream_position(revision: int) -> bytes:
    return b"\x30" + varint(revision)


def appended(correlation_id: bytes, identifier: bytes, revision: int | None, position: int | None) -> bytes:
    """The BatchAppendResp of an append; `correlation_id` and `identifier` are encoded messages."""
    reached = b"\x12\x00" if revision is None else b"\x08" + varint(revision)
    if position is None:
        reached += b"\x22\x00"
    else:
        at = varint(position)
        reached += b"\x1a" + varint(2 * len(at) + 2) + b"\x08" + at + b"\x10" + at
    return field(1, correlation_id) + field(3, reached) + field(4, identifier)
