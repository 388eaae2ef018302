"""What a request belongs to: its correlation id, and its caller's place in a distributed trace.

X-Correlation-ID is text of the caller's choice. `traceparent` is the header of W3C Trace Context
(https://www.w3.org/TR/trace-context-1/#traceparent-header). One that is not valid is ignored, as that document says.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final
from uuid import uuid4

import msgspec

HEADER: Final = "X-Correlation-ID"
_SENT_AS: Final = b"x-correlation-id"
_TRACEPARENT: Final = b"traceparent"
_ID: Final = re.compile(rb"[!-~]{1,128}")
_LATER: Final = re.compile(rb"(?!00|ff)[0-9a-f]{2}.{53}-.*", re.DOTALL)
"""A traceparent of a later version may be longer. It begins as one of version 00."""
_LENGTH: Final = 55
_CALLER: Final = re.compile(rb"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}")


class Correlation(msgspec.Struct, frozen=True, kw_only=True):
    """`trace` is the caller's trace id and span id, None without a valid traceparent, which begins with `traceparent`.

    `refused`: an X-Correlation-ID was sent that cannot be used, so `id` is another one.
    """

    id: str
    refused: bool
    trace: tuple[str, str] | None
    traceparent: bytes

    def headers(self) -> Sequence[tuple[bytes, bytes]]:
        """For the answer."""
        own = (_SENT_AS, self.id.encode())
        return [own, (_TRACEPARENT, self.traceparent)] if self.trace else [own]


def correlation_of(headers: Iterable[tuple[bytes, bytes]]) -> Correlation:
    """The id that was sent, or else the trace id, or else a new one."""
    sent, traceparents = [], []
    for name, value in headers:
        if name == _SENT_AS:
            sent.append(value.strip(b" \t"))
        elif name == _TRACEPARENT:
            traceparents.append(value.strip(b" \t"))
    valid = len(sent) == 1 and _ID.fullmatch(sent[0]) is not None
    caller = _caller(traceparents)
    trace = (caller[1].decode(), caller[2].decode()) if caller else None
    return Correlation(
        id=sent[0].decode() if valid else trace[0] if trace else str(uuid4()),
        refused=bool(sent) and not valid,
        trace=trace,
        traceparent=caller[0] if caller else b"",
    )


def _caller(traceparents: Sequence[bytes]) -> re.Match[bytes] | None:
    if len(traceparents) != 1:
        return None
    (value,) = traceparents
    return _CALLER.fullmatch(value[:_LENGTH] if _LATER.fullmatch(value) else value)
