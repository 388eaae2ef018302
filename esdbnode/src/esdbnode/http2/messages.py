"""gRPC on top of HTTP/2: message prefixes, timeouts, status text.

Source: grpc/grpc doc/PROTOCOL-HTTP2.md and doc/compression.md.
"""

import re
import struct
from collections.abc import Sequence
from urllib.parse import quote

from esdbnode.call import RpcError, Status
from esdbnode.wording import calls, protocol

PREFIX_SIZE = 5
_prefix = struct.Struct(">xI")
_head = struct.Struct(">BI")
_unquoted = "".join(map(chr, range(0x20, 0x7F))).replace("%", "")
_seconds = {"H": 3600.0, "M": 60.0, "S": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9}
_LONGEST = 10 * 24 * 3600.0


def pack(messages: Sequence[bytes], first: bytes = b"") -> list[bytes]:
    """`first`, then each message behind its prefix (no compression, length), ready to be joined."""
    parts = [first] * (2 * len(messages) + 1)
    parts[1::2] = map(_prefix.pack, map(len, messages))
    parts[2::2] = messages
    return parts


class Unpacker:
    """Cuts a request's bytes into messages. Frames may have cut them at any place.

    `pending`: the number of held bytes of an incomplete message.
    """

    __slots__ = ("_encoding", "_limit", "_partial")

    def __init__(self, limit: int, encoding: str) -> None:
        self._limit = limit
        self._encoding = encoding
        self._partial = bytearray()

    @property
    def pending(self) -> int:
        return len(self._partial)

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that are complete now. Raises RpcError for one that is too large or compressed."""
        if not self._partial and len(data) >= PREFIX_SIZE:
            compressed, size = _head.unpack_from(data)
            if len(data) == PREFIX_SIZE + size and not compressed and size <= self._limit:
                return [data[PREFIX_SIZE:]]
        self._partial += data
        return self._take()

    def _take(self) -> list[bytes]:
        buffer = self._partial
        messages = []
        at = 0
        while len(buffer) - at >= PREFIX_SIZE:
            compressed, size = _head.unpack_from(buffer, at)
            self._check(compressed, size)
            after = at + PREFIX_SIZE + size
            if after > len(buffer):
                break
            messages.append(bytes(buffer[at + PREFIX_SIZE : after]))
            at = after
        del buffer[:at]
        return messages

    def _check(self, compressed: int, size: int) -> None:
        if compressed and self._encoding == "identity":
            raise RpcError(Status.INTERNAL, calls.COMPRESSED_WITHOUT_ENCODING)
        if compressed:
            raise RpcError(
                Status.UNIMPLEMENTED,
                protocol.unsupported_encoding(self._encoding),
                (("grpc-accept-encoding", "identity"),),
            )
        if size > self._limit:
            raise RpcError(Status.RESOURCE_EXHAUSTED, calls.message_too_large(size, self._limit))


def timeout(text: str | None) -> float | None:
    """Seconds of a `grpc-timeout` such as `100m`; at most ten days. Raises RpcError."""
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,8}[HMSmun]", text):
        raise RpcError(Status.INTERNAL, calls.malformed_timeout(text))
    return min(int(text[:-1]) * _seconds[text[-1]], _LONGEST)


def percent_encode(message: str) -> str:
    """`message` as a grpc-message header: printable ASCII unchanged, everything else as %XX of its UTF-8 bytes."""
    return quote(message, safe=_unquoted, errors="replace")


def printable(value: str) -> str:
    """`value` unchanged if it is printable ASCII, otherwise percent-encoded."""
    return value if value.isascii() and value.isprintable() else percent_encode(value)
