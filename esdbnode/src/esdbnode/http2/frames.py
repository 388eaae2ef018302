"""HTTP/2 frames: nine bytes of header, then a payload. Source: RFC 9113, sections 4, 6 and 7."""

import struct
from collections.abc import Iterator, Mapping
from enum import IntEnum
from typing import Final

from esdbnode.wording import faults

PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
HEAD_SIZE: Final = 9
MAX_WINDOW: Final = 2**31 - 1
DEFAULT_WINDOW: Final = 65_535
DEFAULT_FRAME_SIZE: Final = 16_384
LARGEST_FRAME_SIZE: Final = 2**24 - 1

DATA: Final = 0
HEADERS: Final = 1
PRIORITY: Final = 2
RST_STREAM: Final = 3
SETTINGS: Final = 4
PUSH_PROMISE: Final = 5
PING: Final = 6
GOAWAY: Final = 7
WINDOW_UPDATE: Final = 8
CONTINUATION: Final = 9

ACK: Final = 0x1
END_STREAM: Final = 0x1
END_HEADERS: Final = 0x4
PADDED: Final = 0x8
WITH_PRIORITY: Final = 0x20

Frame = tuple[int, int, int, bytes]
"""Kind, flags, stream id, payload."""


class Setting(IntEnum):
    HEADER_TABLE_SIZE = 1
    ENABLE_PUSH = 2
    MAX_CONCURRENT_STREAMS = 3
    INITIAL_WINDOW_SIZE = 4
    MAX_FRAME_SIZE = 5
    MAX_HEADER_LIST_SIZE = 6


class ErrorCode(IntEnum):
    NO_ERROR = 0
    PROTOCOL_ERROR = 1
    INTERNAL_ERROR = 2
    FLOW_CONTROL_ERROR = 3
    SETTINGS_TIMEOUT = 4
    STREAM_CLOSED = 5
    FRAME_SIZE_ERROR = 6
    REFUSED_STREAM = 7
    CANCEL = 8
    COMPRESSION_ERROR = 9
    CONNECT_ERROR = 10
    ENHANCE_YOUR_CALM = 11
    INADEQUATE_SECURITY = 12
    HTTP_1_1_REQUIRED = 13


class ConnectionFault(Exception):
    """The client broke a rule of the connection: GOAWAY with `code`, then close."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code


class StreamFault(Exception):
    """The client broke a rule of one stream: RST_STREAM with `code`."""

    def __init__(self, stream_id: int, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.stream_id = stream_id
        self.code = code


_head = struct.Struct(">HBBBL")
_setting = struct.Struct(">HL")
_number = struct.Struct(">L")


class Splitter:
    """Cuts a client's bytes, after its preface, into frames. Holds at most one incomplete frame."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._rest = b""
        self._greeted = False

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Raises ConnectionFault on a wrong preface or a frame above the limit."""
        if self._rest:
            data = self._rest + data
        if not self._greeted:
            data = self._greet(data)
        at = 0
        end = len(data) if self._greeted else 0
        while end - at >= HEAD_SIZE:
            high, low, kind, flags, stream_id = _head.unpack_from(data, at)
            size = high << 8 | low
            if size > self._limit:
                raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, faults.frame_too_large(size, self._limit))
            after = at + HEAD_SIZE + size
            if after > end:
                break
            yield kind, flags, stream_id & MAX_WINDOW, data[at + HEAD_SIZE : after]
            at = after
        self._rest = data[at:]

    def _greet(self, data: bytes) -> bytes:
        """The bytes after the preface, or all bytes while the preface is incomplete."""
        if not PREFACE.startswith(data[: len(PREFACE)]):
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, faults.NOT_A_PREFACE)
        self._greeted = len(data) >= len(PREFACE)
        return data[len(PREFACE) :] if self._greeted else data


def head(size: int, kind: int, flags: int, stream_id: int) -> bytes:
    return _head.pack(size >> 8, size & 0xFF, kind, flags, stream_id)


def frame(kind: int, flags: int, stream_id: int, payload: bytes = b"") -> bytes:
    return head(len(payload), kind, flags, stream_id) + payload


def header_frames(stream_id: int, block: bytes, flags: int, limit: int) -> bytes:
    """HEADERS, followed by CONTINUATION if the block is longer than one frame may be."""
    if len(block) <= limit:
        return frame(HEADERS, flags | END_HEADERS, stream_id, block)
    pieces = [block[at : at + limit] for at in range(0, len(block), limit)]
    frames = [frame(HEADERS, flags, stream_id, pieces[0])]
    frames += [frame(CONTINUATION, 0, stream_id, piece) for piece in pieces[1:-1]]
    frames.append(frame(CONTINUATION, END_HEADERS, stream_id, pieces[-1]))
    return b"".join(frames)


def settings(values: Mapping[Setting, int]) -> bytes:
    return frame(SETTINGS, 0, 0, b"".join(_setting.pack(*item) for item in values.items()))


def window_update(stream_id: int, increment: int) -> bytes:
    return frame(WINDOW_UPDATE, 0, stream_id, _number.pack(increment))


def reset(stream_id: int, code: ErrorCode) -> bytes:
    return frame(RST_STREAM, 0, stream_id, _number.pack(code))


def goaway(last_stream_id: int, code: ErrorCode, message: str) -> bytes:
    return frame(GOAWAY, 0, 0, _number.pack(last_stream_id) + _number.pack(code) + message.encode()[:256])


def read_settings(payload: bytes) -> dict[int, int]:
    """The last value of each setting; raises ConnectionFault for a value outside its range."""
    if len(payload) % _setting.size:
        raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, faults.wrong_size("SETTINGS", len(payload)))
    values = dict(_setting.iter_unpack(payload))
    if values.get(Setting.INITIAL_WINDOW_SIZE, 0) > MAX_WINDOW:
        raise ConnectionFault(ErrorCode.FLOW_CONTROL_ERROR, faults.INITIAL_WINDOW_TOO_LARGE)
    if not DEFAULT_FRAME_SIZE <= values.get(Setting.MAX_FRAME_SIZE, DEFAULT_FRAME_SIZE) <= LARGEST_FRAME_SIZE:
        raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, faults.FRAME_SIZE_OUT_OF_RANGE)
    if values.get(Setting.ENABLE_PUSH, 0) > 1:
        raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, faults.PUSH_NEITHER_ON_NOR_OFF)
    return values


def read_number(payload: bytes, kind: str) -> int:
    """The one 32-bit field of RST_STREAM or WINDOW_UPDATE."""
    if len(payload) != _number.size:
        raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, faults.wrong_size(kind, len(payload)))
    number: int = _number.unpack(payload)[0]
    return number


def unpad(flags: int, payload: bytes) -> bytes:
    """A DATA or HEADERS payload without its padding."""
    if not flags & PADDED:
        return payload
    if not payload or payload[0] >= len(payload):
        raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, faults.PADDING_TOO_LONG)
    return payload[1 : len(payload) - payload[0]]


def header_fragment(flags: int, payload: bytes) -> bytes:
    """The header block fragment of a HEADERS payload, without padding and the deprecated priority."""
    payload = unpad(flags, payload)
    if not flags & WITH_PRIORITY:
        return payload
    if len(payload) < 5:
        raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, faults.HEADERS_WITHOUT_PRIORITY)
    return payload[5:]
