"""Proposed events: their requirements, and how one is stored."""

from typing import Any, NamedTuple
from uuid import UUID

from esdbnode.storage.transaction import Transaction
from esdbnode.streams.encoding import recorded
from esdbnode.streams.errors import invalid, property_missing
from esdbnode.wording import calls, protocol

_DASHES = ("-", "-", "-", "-")
_NO_ID = bytes(16)


class Proposal(NamedTuple):
    id: bytes
    id_text: str
    type: str
    json: bool
    custom: bytes
    data: bytes


def proposal(message: Any) -> Proposal:
    """From an AppendReq.ProposedMessage, or the same in BatchAppendReq. Metadata keys other than the two are dropped.

    The requirements are those of Event.cs in EventStoreDB.
    """
    get = message.metadata.get
    type_, content_type = get("type"), get("content-type")
    if type_ is None:
        raise property_missing("type")
    if content_type is None:
        raise property_missing("content-type")
    if not type_:
        raise invalid(calls.EVENT_TYPE_EMPTY)
    id_, text = event_id(message.id)
    if id_ == _NO_ID:
        raise invalid(calls.EVENT_ID_ZERO)
    return Proposal(
        id_, text, type_, content_type == "application/json", message.custom_metadata, message.data
    )


def event_id(message: Any) -> tuple[bytes, str]:
    """16 bytes and the canonical text, from a UUID message in either of its two forms."""
    text = message.string
    if len(text) == 36 and (text[8], text[13], text[18], text[23]) == _DASHES:
        try:
            id_ = bytes.fromhex(text.replace("-", ""))
        except ValueError:
            raise invalid(protocol.UNRECOGNIZED_ID) from None
        if len(id_) == 16:
            return id_, text.lower()
    return _unusual_id(message)


def _unusual_id(message: Any) -> tuple[bytes, str]:
    if message.WhichOneof("value") == "structured":
        high, low = message.structured.most_significant_bits, message.structured.least_significant_bits
        found = UUID(int=(high & (1 << 64) - 1) << 64 | low & (1 << 64) - 1)
    else:
        try:
            found = UUID(message.string)
        except ValueError:
            raise invalid(protocol.UNRECOGNIZED_ID) from None
    return found.bytes, str(found)


def store(transaction: Transaction, stream: str, sid: int, revision: int, event: Proposal) -> int:
    """Write one event. Returns its position."""
    position = transaction.take_position()
    response = recorded(
        event.id_text,
        stream,
        revision,
        position,
        event.type,
        transaction.created,
        event.json,
        event.custom,
        event.data,
    )
    tid = transaction.intern_type(event.type)
    transaction.insert(position, stream, sid, revision, tid, event.id, response)
    return position
