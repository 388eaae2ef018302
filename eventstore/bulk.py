"""A shortcut for long reads of one stream: HTTP/2, framed here, takes 4 us of CPU for each event, and grpcio 11.

One connection for one read. It need not be complete: after it, grpcio reads whatever is left. So there is nothing here
but the parts of HTTP/2 that a healthy server without TLS sends to a reader.

Sources: RFC 9113 (frames), https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md (messages in DATA frames).
"""

import socket
from collections.abc import Iterator
from typing import Final, NamedTuple

from esdbclient.protos.Grpc import streams_pb2
from google.protobuf.message import DecodeError
from hpack import Encoder

from eventstore import wire
from eventstore.connection import Node, socket_of
from eventstore.store import Recorded

_DATA, _HEADERS, _RST_STREAM, _SETTINGS, _PING, _GOAWAY, _WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
_ACK: Final = 1
_END_STREAM: Final = 1
_END_HEADERS: Final = 4
_PADDED: Final = 8
_STREAM: Final = 1
_INITIAL_WINDOW_SIZE: Final = 4
_LARGEST_WINDOW: Final = 2**31 - 1
_FIRST_WINDOW: Final = 2**16 - 1
_FRAME_HEAD: Final = 9
_MESSAGE_HEAD: Final = 5
_RECEIVED: Final = 256 * 1024
_PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_PATH: Final = "/event_store.client.streams.Streams/Read"


class _Frame(NamedTuple):
    kind: int
    flags: int
    payload: bytes


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
        host, _, port = target.rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), timeout=seconds)
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
    message = request.SerializeToString()
    headers = [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", _PATH),
        (":authority", node.target if socket_of(node.target) is None else "localhost"),
        ("te", "trailers"),
        ("content-type", "application/grpc"),
        *node.calls["metadata"],
    ]
    window = _INITIAL_WINDOW_SIZE.to_bytes(2, "big") + _LARGEST_WINDOW.to_bytes(4, "big")
    return b"".join(
        (
            _PREFACE,
            _frame(_SETTINGS, 0, 0, window),
            _frame(_WINDOW_UPDATE, 0, 0, (_LARGEST_WINDOW - _FIRST_WINDOW).to_bytes(4, "big")),
            _frame(_HEADERS, _END_HEADERS, _STREAM, Encoder().encode(headers)),
            _frame(_DATA, _END_STREAM, _STREAM, b"\0" + len(message).to_bytes(4, "big") + message),
        )
    )


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload


def _data(connection: socket.socket) -> Iterator[bytes]:
    """The payloads of DATA frames. Raises OSError."""
    for kind, flags, payload in _frames(connection):
        if kind in (_RST_STREAM, _GOAWAY) or (kind == _DATA and flags & _PADDED):
            raise ConnectionAbortedError
        if kind in (_SETTINGS, _PING) and not flags & _ACK:
            connection.sendall(_frame(kind, _ACK, 0, payload if kind == _PING else b""))
        if kind == _DATA:
            yield payload
        if kind in (_DATA, _HEADERS) and flags & _END_STREAM:
            return


def _frames(connection: socket.socket) -> Iterator[_Frame]:
    """Raises OSError."""
    content = b""
    while received := connection.recv(_RECEIVED):
        content, at = content + received, 0
        while len(content) >= (begin := at + _FRAME_HEAD):
            end = begin + int.from_bytes(content[at : at + 3], "big")
            if end > len(content):
                break
            yield _Frame(content[at + 3], content[at + 4], content[begin:end])
            at = end
        content = content[at:]
    raise ConnectionResetError


def split(data: bytes) -> tuple[list[Recorded], bytes]:
    """The events of all complete messages, and the bytes after those. Raises OSError."""
    events, at, parse, recorded = list[Recorded](), 0, streams_pb2.ReadResp.FromString, wire.recorded
    while len(data) >= (begin := at + _MESSAGE_HEAD):
        end = begin + int.from_bytes(data[at + 1 : begin], "big")
        if end > len(data):
            break
        if data[at]:
            raise ConnectionAbortedError  # compressed, which nobody asked for
        try:
            response = parse(data[begin:end])
        except DecodeError as error:
            raise ConnectionAbortedError from error
        if response.HasField("event"):
            events.append(recorded(response.event))
        at = end
    return events, data[at:]
