"""A shortcut for long reads of one stream: HTTP/2, framed here, takes 4 us of CPU for each event, and grpcio 11.

One connection for one read. It need not be complete: after it, grpcio reads whatever is left. So there is nothing here
but the parts of HTTP/2 that a healthy server without TLS sends to a reader.

Sources: RFC 9113 (frames), https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md (messages in DATA frames).
"""

import socket
from collections.abc import Iterator
from typing import Final

from esdbclient.protos.Grpc import streams_pb2
from google.protobuf.message import DecodeError

from eventstore import wire
from eventstore.connection import Node, host_of, socket_of
from eventstore.http2 import frames
from eventstore.http2.fields import request as request_fields
from eventstore.http2.frames import DATA, GOAWAY, HEADERS, PING, RST_STREAM, SETTINGS, STREAM, Frame, frame
from eventstore.store import Recorded

_RECEIVED: Final = 256 * 1024
_PATH: Final = "/event_store.client.streams.Streams/Read"


def can_read(node: Node) -> bool:
    return node.credentials is None


def pages(node: Node, request: streams_pb2.ReadReq, seconds: float) -> Iterator[list[Recorded]]:
    """The events of `request`, in order, until the server ends the answer, for any reason.

    Raises OSError, also if the server says nothing for `seconds` or sends anything unexpected.
    """
    with _connected(node.target, seconds) as connection:
        connection.sendall(_opening(node, request))
        rest = b""
        for data in _data(connection):
            page, rest = split(rest + data)
            yield page


def _connected(target: str, seconds: float) -> socket.socket:
    path = socket_of(target)
    if path is None:
        return socket.create_connection(host_of(target), timeout=seconds)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(seconds)
    try:
        connection.connect(path)
    except BaseException:
        connection.close()
        raise
    return connection


def _opening(node: Node, request: streams_pb2.ReadReq) -> bytes:
    """Windows as large as they can be: the server may send 2 GB without being asked again, and TCP limits it."""
    fields = request_fields(_PATH, node.authority, "http", node.fields)
    message = frames.message(request.SerializeToString())
    return b"".join(
        (
            frames.greeting(frames.LARGEST_WINDOW),
            frame(HEADERS, frames.END_HEADERS, STREAM, fields),
            frame(DATA, frames.END_STREAM, STREAM, message),
        )
    )


def _data(connection: socket.socket) -> Iterator[bytes]:
    """The payloads of DATA frames. Raises OSError."""
    for kind, flags, _, payload in _frames(connection):
        if kind in (RST_STREAM, GOAWAY) or (kind == DATA and flags & frames.PADDED):
            raise ConnectionAbortedError
        if kind in (SETTINGS, PING) and not flags & frames.ACK:
            connection.sendall(frame(kind, frames.ACK, 0, payload if kind == PING else b""))
        if kind == DATA:
            yield payload
        if kind in (DATA, HEADERS) and flags & frames.END_STREAM:
            return


def _frames(connection: socket.socket) -> Iterator[Frame]:
    """Raises OSError."""
    rest = b""
    while received := connection.recv(_RECEIVED):
        found, rest = frames.split(rest + received)
        yield from found
    raise ConnectionResetError


def split(data: bytes) -> tuple[list[Recorded], bytes]:
    """The events of all complete messages, and the bytes after those. Raises OSError."""
    contents, rest = frames.split_messages(data)
    try:
        responses = list(map(streams_pb2.ReadResp.FromString, contents))
    except DecodeError as error:
        raise ConnectionAbortedError from error
    return [wire.recorded(each.event) for each in responses if each.HasField("event")], rest
