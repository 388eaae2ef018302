"""The header fields of a request, and what those of an answer mean: the status that grpcio would give it.

Sources: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md and http-grpc-status-mapping.md there.
"""

import logging
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import unquote

import grpc
from hpack import Decoder, Encoder, HPACKError, NeverIndexedHeaderTuple

from eventstore import messages

_Code: Final = grpc.StatusCode
_CODES: Final = {code.value[0]: code for code in _Code}
_OF_HTTP: Final = {
    "400": _Code.INTERNAL,
    "401": _Code.UNAUTHENTICATED,
    "403": _Code.PERMISSION_DENIED,
    "404": _Code.UNIMPLEMENTED,
    "429": _Code.UNAVAILABLE,
    "502": _Code.UNAVAILABLE,
    "503": _Code.UNAVAILABLE,
    "504": _Code.UNAVAILABLE,
}
_LARGEST: Final = 2**16
"""Bytes of the fields of an answer."""

Fields = Iterable[tuple[str, str]]

# At DEBUG it logs blocks, from which the password can be decoded.
logging.getLogger("hpack").setLevel(logging.INFO)


class Ended(grpc.RpcError):  # type: ignore[misc]
    """How a call ended, in the form of grpcio's errors. `is_untouched`: the server has certainly not looked at it."""

    def __init__(
        self,
        code: grpc.StatusCode,
        details: str,
        trailers: Mapping[str, str] | None = None,
        *,
        is_untouched: bool = False,
    ) -> None:
        super().__init__(details)
        self.is_untouched = is_untouched
        self._code, self._details, self._trailers = code, details, trailers or {}

    @property
    def is_ok(self) -> bool:
        return self._code is _Code.OK

    def code(self) -> grpc.StatusCode:
        return self._code

    def details(self) -> str:
        return self._details

    def trailing_metadata(self) -> Fields:
        return self._trailers.items()


def unreached(error: OSError) -> Ended:
    """No connection was made. The words of `error` say what is wrong with TLS, if that is why."""
    return Ended(_Code.UNAVAILABLE, str(error), is_untouched=True)


def lost(error: BaseException | None) -> Ended:
    """The connection is gone. Only the name of `error`: its words could be taken for those of a refused handshake."""
    return Ended(_Code.UNAVAILABLE, messages.connection_lost(type(error).__name__ if error else "EOF"))


def request(path: str, authority: str, scheme: str, others: Fields) -> bytes:
    """A block without a table, so that it is valid whatever the server's settings are.

    It begins by saying so, as RFC 7541 (4.2) demands if the server allows only a small table.
    """
    fields = [
        (":method", "POST"),
        (":scheme", scheme),
        (":path", path),
        (":authority", authority),
        ("te", "trailers"),
        ("content-type", "application/grpc"),
        *others,
    ]
    encoder = Encoder()
    encoder.header_table_size = 0
    return bytes(encoder.encode(NeverIndexedHeaderTuple(*field) for field in fields))


class Answer:
    """The fields of an answer, first those before its messages, then those after them."""

    def __init__(self) -> None:
        self._decoder = Decoder(max_header_list_size=_LARGEST)
        self._fields: dict[str, str] = {}

    def add(self, block: bytes) -> None:
        """Raises ConnectionAbortedError."""
        try:
            self._fields.update((str(name), str(value)) for name, value in self._decoder.decode(block))
        except (HPACKError, UnicodeDecodeError, IndexError) as error:
            raise ConnectionAbortedError from error

    @property
    def has_messages(self) -> bool:
        """Otherwise its DATA is a page for people, of a proxy for example."""
        return self._fields.get(":status") == "200"

    def ended(self) -> Ended:
        """What the fields say once the server has ended the stream."""
        status, http = self._fields.get("grpc-status", ""), self._fields.get(":status", "")
        details = unquote(self._fields.get("grpc-message", "")) or messages.ended_with(http, status)
        code = (
            _CODES.get(int(status), _Code.UNKNOWN)
            if status.isdecimal()
            else _OF_HTTP.get(http, _Code.UNKNOWN)
        )
        return Ended(code, details, self._fields)
