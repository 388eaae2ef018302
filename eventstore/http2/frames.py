"""HTTP/2 frames, and gRPC's messages in them. Pure.

Sources: RFC 9113 (frames), https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md (messages in DATA frames).
"""

import struct
from collections.abc import Mapping
from typing import Final

DATA: Final = 0
HEADERS: Final = 1
RST_STREAM: Final = 3
SETTINGS: Final = 4
PUSH_PROMISE: Final = 5
PING: Final = 6
GOAWAY: Final = 7
WINDOW_UPDATE: Final = 8
CONTINUATION: Final = 9

ACK: Final = 1
END_STREAM: Final = 1
END_HEADERS: Final = 4
PADDED: Final = 8
PRIORITY: Final = 32

ENABLE_PUSH: Final = 2
INITIAL_WINDOW_SIZE: Final = 4
MAX_FRAME_SIZE: Final = 5

REFUSED_STREAM: Final = 7

STREAM: Final = 1
"""The only stream of a connection, which carries one call."""
LARGEST_WINDOW: Final = 2**31 - 1
FIRST_WINDOW: Final = 2**16 - 1
FRAME_SIZE: Final = 2**14
"""The largest frame until SETTINGS say otherwise; ours never do."""
LARGEST_FRAME_SIZE: Final = 2**24 - 1

_PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_FRAME_HEAD: Final = struct.Struct(">HBBBL")
_MESSAGE_HEAD: Final = struct.Struct(">BL")
_SETTING: Final = struct.Struct(">HL")
_NUMBER: Final = struct.Struct(">L")
_PRIORITY_SIZE: Final = 5

Frame = tuple[int, int, int, bytes]
"""Kind, flags, stream, payload."""


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    size = len(payload)
    return _FRAME_HEAD.pack(size >> 8, size & 255, kind, flags, stream) + payload


def split(data: bytes) -> tuple[list[Frame], bytes]:
    """The complete frames, and the bytes after them.

    Raises ConnectionAbortedError for a frame that is larger than allowed. Bytes that are not HTTP/2 look like one.
    """
    found, at, end, head = list[Frame](), 0, len(data), _FRAME_HEAD.size
    while end - at >= head:
        high, low, kind, flags, stream = _FRAME_HEAD.unpack_from(data, at)
        begin = at + head
        after = begin + (high << 8 | low)
        if after - begin > FRAME_SIZE:
            raise ConnectionAbortedError
        if after > end:
            break
        found.append((kind, flags, stream & LARGEST_WINDOW, data[begin:after]))
        at = after
    return found, data[at:]


def greeting(window: int) -> bytes:
    """What a client sends first: the server may send `window` bytes ahead, on the stream and in all."""
    values = settings({ENABLE_PUSH: 0, INITIAL_WINDOW_SIZE: window})
    return _PREFACE + values + window_update(0, window - FIRST_WINDOW)


def settings(values: Mapping[int, int]) -> bytes:
    return frame(SETTINGS, 0, 0, b"".join(_SETTING.pack(*value) for value in values.items()))


def settings_of(payload: bytes) -> dict[int, int]:
    """Raises ConnectionAbortedError."""
    if len(payload) % _SETTING.size:
        raise ConnectionAbortedError
    return dict(_SETTING.iter_unpack(payload))


def window_update(stream: int, by: int) -> bytes:
    return frame(WINDOW_UPDATE, 0, stream, _NUMBER.pack(by))


def number_of(payload: bytes, at: int = 0) -> int:
    """The number of 31 bits that begins at byte `at`. Raises ConnectionAbortedError."""
    if len(payload) < at + _NUMBER.size:
        raise ConnectionAbortedError
    number: int = _NUMBER.unpack_from(payload, at)[0]
    return number & LARGEST_WINDOW


def unpadded(kind: int, flags: int, payload: bytes) -> bytes:
    """The content of DATA or HEADERS, without padding and priority. Raises ConnectionAbortedError."""
    begin, end = 0, len(payload)
    if flags & PADDED:
        begin, end = 1, end - (payload[0] if payload else 0)
    if kind == HEADERS and flags & PRIORITY:
        begin += _PRIORITY_SIZE
    if begin > end:
        raise ConnectionAbortedError
    return payload[begin:end]


def message(content: bytes) -> bytes:
    """As it is in DATA: not compressed, length, content."""
    return _MESSAGE_HEAD.pack(0, len(content)) + content


def split_messages(data: bytes, largest: int = LARGEST_WINDOW) -> tuple[list[bytes], bytes]:
    """The contents of all complete messages, and the bytes after them.

    Raises ConnectionAbortedError for a compressed message, which nobody asked for, and for one above `largest` bytes.
    """
    found, at, end, head = list[bytes](), 0, len(data), _MESSAGE_HEAD.size
    while end - at >= head:
        is_compressed, size = _MESSAGE_HEAD.unpack_from(data, at)
        if is_compressed or size > largest:
            raise ConnectionAbortedError
        begin = at + head
        if begin + size > end:
            break
        at = begin + size
        found.append(data[begin:at])
    return found, data[at:]
