"""The common parts of the Streams service's requests: one message, a stream's name, revisions, positions."""

import asyncio
from typing import Any

from esdbnode.call import Call, RpcError, Status
from esdbnode.storage.reading import LAST
from esdbnode.streams.errors import invalid, not_set
from esdbnode.streams.revisions import Expect
from esdbnode.wording import calls, protocol

END = (1 << 64) - 1
"""As a revision or position: the end; as an expected revision: no stream."""


async def only_message(call: Call) -> bytes:
    """The message of a request that has one. Source: grpc-dotnet's PipeExtensions.cs."""
    only = None
    async for raw in call.messages():
        if only is not None:
            raise RpcError(Status.INTERNAL, protocol.ADDITIONAL_DATA)
        only = raw
    if only is None:
        raise RpcError(Status.INTERNAL, protocol.INCOMPLETE_MESSAGE)
    return only


async def no_answer() -> None:
    """The real server does not answer some requests: the call stays open until its deadline or the client's end."""
    await asyncio.get_running_loop().create_future()


def stream_name(identifier: Any) -> str:
    """The name of a stream to write to. `$$` alone would be a metastream without a stream: it is refused like ""."""
    name = name_to_read(identifier)
    if name == "$$":
        raise invalid(calls.STREAM_NAME_EMPTY)
    return name


def name_to_read(identifier: Any) -> str:
    """The name of a stream to read. `$$` is a name like others; the stream never exists."""
    try:
        name: str = identifier.stream_name.decode()
    except UnicodeDecodeError as error:
        raise invalid(calls.stream_name_not_utf8(str(error))) from None
    if not name:
        raise invalid(calls.STREAM_NAME_EMPTY)
    return name


def expected_revision(options: Any, oneof: str, revision: str, request: str) -> int:
    """From the options of a request. `oneof` and `revision` are their names there, `request` its name in errors."""
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
    """Checks a revision or position: 63 bits, or END. Source: EventStoreDB's StreamRevision.cs, Position.cs."""
    if LAST < value < END:
        raise invalid(calls.number_too_large(value))
    return value
