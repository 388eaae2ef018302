"""What is wrong with the request line and the headers of a request, after the parser took them.

The parser (llhttp) refuses what breaks the grammar: folded lines, control characters, two lengths, bare line feeds.
What is refused here has a meaning that others could read differently (RFC 9112, sections 3.2 and 6.1).
"""

from collections.abc import Sequence
from typing import Final

from web import messages_on_connections as messages
from web.http.limits import Limits
from web.http.refusals import Refused, head_too_large

Headers = Sequence[tuple[bytes, bytes]]

_CODING: Final = b"transfer-encoding"
_FRAMING: Final = frozenset({b"content-length", _CODING})
_LINE: Final = 4
"""Bytes of a header besides its name and value: a colon, a space and the end of the line."""


def check(version: str, target: bytes, headers: Headers, limits: Limits, *, upgrades: bool) -> None:
    """Raises Refused. Names of headers are in lower case; `upgrades`: the client asks for another protocol."""
    if version not in ("1.1", "1.0"):
        raise Refused(400, messages.OTHER_VERSION)
    if len(headers) > limits.headers:
        raise head_too_large(limits)
    names = [name for name, _ in headers]
    if names.count(b"host") != 1:
        raise Refused(400, messages.NOT_ONE_HOST)
    if not target.startswith(b"/") and not _agrees(target, dict(headers)[b"host"]):
        raise Refused(400, messages.OTHER_TARGET)
    if upgrades and not _FRAMING.isdisjoint(names):  # the parser leaves out the body
        raise Refused(400, messages.UPGRADE_WITH_BODY)
    if _CODING in names and (version == "1.0" or not _is_only_chunked(headers)):
        raise Refused(501, messages.OTHER_CODING)


def _is_only_chunked(headers: Headers) -> bool:
    return [value.lower() for name, value in headers if name == _CODING] == [b"chunked"]


def _agrees(target: bytes, host: bytes) -> bool:
    """Whether a target that is not just a path is one of this host: `http://HOST/...`, or the `*` of OPTIONS."""
    scheme, colon, rest = target.lower().partition(b"://")
    authority = rest.partition(b"/")[0].partition(b"?")[0]
    return target == b"*" or (bool(colon) and scheme in (b"http", b"https") and authority == host.lower())


def size(target: bytes, headers: Headers) -> int:
    return len(target) + sum([len(name) + len(value) + _LINE for name, value in headers])
