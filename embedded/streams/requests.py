"""What requests of the Streams service have in common: one message, the stream's name, revisions and positions."""

import asyncio
from typing import Any

from embedded.call import Call, RpcError, Status
from embedded.storage.reading import LAST
from embedded.streams.errors import invalid, not_set
from embedded.streams.revisions import Expect

END = (1 << 64) - 1
"""As a revision or position: the end; as an expected revision: no stream."""


async def only_message(call: Call) -> bytes:
    """Of a request that is one message. Source: grpc-dotnet's PipeExtensions.cs."""
    only = None
    async for raw in call.messages():
        if only is not None:
            raise RpcError(Status.INTERNAL, "Additional data after the message received.")
        only = raw
    if only is None:
        raise RpcError(Status.INTERNAL, "Incomplete message.")
    return only


async def no_answer() -> None:
    """The real server says nothing to some requests: the call stays until the client's deadline, or until it goes."""
    await asyncio.get_running_loop().create_future()


def stream_name(identifier: Any) -> str:
    """To write to. `$$` alone would be the metastream of no stream: refused like no name at all."""
    name = name_to_read(identifier)
    if name == "$$":
        raise invalid("A stream's name must not be empty.")
    return name


def name_to_read(identifier: Any) -> str:
    """`$$` is a stream like others, that is never there."""
    try:
        name: str = identifier.stream_name.decode()
    except UnicodeDecodeError as error:
        raise invalid(f"A stream's name must be UTF-8: {error}.") from None
    if not name:
        raise invalid("A stream's name must not be empty.")
    return name


def expected_revision(options: Any, oneof: str, revision: str, request: str) -> int:
    """Of any request with options; `oneof` and `revision` are the names in this one, `request` that for errors."""
    kind = options.WhichOneof(oneof)
    if kind == revision:
        value = in_range(getattr(options, revision))
        return Expect.NO_STREAM if value == END else value
    match kind:
        case "no_stream":
            return Expect.NO_STREAM
        case "any":
            return Expect.ANY
        case "stream_exists":
            return Expect.STREAM_EXISTS
    oneof_type = "".join(word.title() for word in oneof.split("_"))
    raise not_set(f"{request}+Types+Options", oneof_type)


def in_range(value: int) -> int:
    """A revision or position of a request: 63 bits, or END. Source: EventStoreDB's StreamRevision.cs, Position.cs."""
    if LAST < value < END:
        raise invalid(f"{value} is no revision and no position: they have 63 bits.")
    return value
