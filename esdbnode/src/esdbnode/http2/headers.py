"""Header blocks: requests decoded and checked, responses and trailers encoded.

Responses use no dynamic table, so encoding needs no state. Decoding needs it, and takes up to 100 us in Python. Clients
repeat themselves, so a block is first looked up among the blocks that were decoded since the table last changed.
Source: RFC 7541, RFC 9113 section 8.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import hpack
from hpack.table import HeaderTable

from esdbnode.call import Status
from esdbnode.http2.frames import ConnectionFault, ErrorCode
from esdbnode.http2.messages import percent_encode, printable
from esdbnode.wording import faults

_REMEMBERED = 32
_SHORT = 512
_FORBIDDEN = frozenset(("connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade"))
_PSEUDO = frozenset((":method", ":scheme", ":authority", ":path"))


class MalformedRequest(Exception):
    """A header list that RFC 9113 section 8 calls malformed."""


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    metadata: Mapping[str, str]


class _Table(HeaderTable):
    """A header table that says when it changed."""

    def __init__(self) -> None:
        super().__init__()
        self.changed = False

    def add(self, name: bytes, value: bytes) -> None:
        super().add(name, value)
        self.changed = True


class Decoder:
    """One connection's header decoder. It cannot be used after it has raised ConnectionFault."""

    def __init__(self, limit: int) -> None:
        self._hpack = hpack.Decoder(max_header_list_size=limit)
        self._table = self._hpack.header_table = _Table()
        self._seen: dict[bytes, Request] = {}
        self._pure = False

    def request(self, block: bytes) -> Request:
        """Raises ConnectionFault for an undecodable block, MalformedRequest for one that breaks the rules."""
        known = self._seen.get(block)
        if known is not None:
            return known
        request = check(self.decode(block))
        if self._pure and len(block) <= _SHORT:
            if len(self._seen) >= _REMEMBERED:
                self._seen.clear()
            self._seen[block] = request
        return request

    def decode(self, block: bytes) -> list[tuple[str, str]]:
        size = self._table.maxsize
        self._table.changed = False
        try:
            fields = self._hpack.decode(block)
        except hpack.OversizedHeaderListError as error:
            raise ConnectionFault(ErrorCode.ENHANCE_YOUR_CALM, str(error)) from error
        except (hpack.HPACKError, UnicodeDecodeError, IndexError) as error:
            raise ConnectionFault(
                ErrorCode.COMPRESSION_ERROR, faults.undecodable_headers(str(error))
            ) from error
        self._pure = not self._table.changed and self._table.maxsize == size
        if not self._pure:
            self._seen.clear()
        return [(str(name), str(value)) for name, value in fields]


def check(fields: Sequence[tuple[str, str]]) -> Request:
    """The request in a header list; raises MalformedRequest (RFC 9113, 8.2 and 8.3)."""
    pseudo: dict[str, str] = {}
    metadata: dict[str, str] = {}
    for name, value in fields:
        if name.startswith(":"):
            if metadata or name in pseudo or name not in _PSEUDO:
                raise MalformedRequest(faults.wrong_pseudo_header(name))
            pseudo[name] = value
        else:
            check_field(name, value)
            metadata[name] = f"{metadata[name]},{value}" if name in metadata else value
    if not pseudo.get(":path") or ":method" not in pseudo or ":scheme" not in pseudo:
        raise MalformedRequest(faults.PSEUDO_HEADER_MISSING)
    return Request(pseudo[":method"], pseudo[":path"], MappingProxyType(metadata))


def check_field(name: str, value: str) -> None:
    if not name or name != name.lower() or name in _FORBIDDEN or name.startswith(":"):
        raise MalformedRequest(faults.header_not_allowed(name))
    if name == "te" and value != "trailers":
        raise MalformedRequest(faults.TE_NOT_TRAILERS)
    if "\r" in value or "\n" in value or "\0" in value:
        raise MalformedRequest(faults.line_break_in_header(name))


def literal(name: str, value: str | bytes) -> bytes:
    """One field, not indexed into a table. Bytes are for names that end in `-bin` and are sent as base64.

    gRPC allows only printable ASCII: everything else is percent-encoded, as in grpc-message.
    """
    text = b64encode(value).rstrip(b"=").decode() if isinstance(value, bytes) else printable(value)
    return b"\x00" + _string(name.encode()) + _string(text.encode())


def _string(text: bytes) -> bytes:
    return _integer(len(text), 7) + text


def _integer(number: int, bits: int) -> bytes:
    top = (1 << bits) - 1
    if number < top:
        return bytes((number,))
    number -= top
    octets = bytearray((top,))
    while number >= 0x80:
        octets.append(number & 0x7F | 0x80)
        number >>= 7
    octets.append(number)
    return bytes(octets)


RESPONSE = b"\x88" + literal("content-type", "application/grpc")
"""`:status: 200` is entry 8 of the static table."""
FINISHED = literal("grpc-status", "0")


def trailers(status: Status, message: str, extra: Sequence[tuple[str, str | bytes]]) -> bytes:
    if status is Status.OK and not extra:
        return FINISHED
    block = literal("grpc-status", str(int(status)))
    if message:
        block += literal("grpc-message", percent_encode(message))
    return block + b"".join(literal(name, value) for name, value in extra)


def http_refusal(request: Request) -> int:
    """The HTTP status for a request that is not gRPC; 0 for one that is."""
    if request.method != "POST":
        return 405
    kind = request.metadata.get("content-type", "")
    return (
        0
        if kind == "application/grpc" or kind.startswith(("application/grpc+", "application/grpc;"))
        else 415
    )


def refusal(http_status: int) -> bytes:
    """A response to something that is not a gRPC request; `:status` is the name of entry 8."""
    return b"\x08" + _string(str(http_status).encode())
