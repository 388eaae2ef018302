"""What a failed gRPC call means: the port's error for it. gRPC's own words are only in `inner`."""

from typing import Any, Final

import grpc

from eventstore import messages
from eventstore.connection import target_of
from eventstore.store import (
    AccessRefused,
    NoSuchPosition,
    StoreError,
    StoreRefused,
    StoreUnavailable,
    tombstoned,
)

ALL: Final = "$all"

_Code: Final = grpc.StatusCode

_DENIALS: Final = {_Code.UNAUTHENTICATED, _Code.PERMISSION_DENIED}
_REFUSALS: Final = {_Code.FAILED_PRECONDITION, _Code.INVALID_ARGUMENT, _Code.UNIMPLEMENTED}
_TLS: Final = {
    "Hostname mismatch": messages.CERTIFICATE_FOR_ANOTHER_HOST,
    "IP address mismatch": messages.CERTIFICATE_FOR_ANOTHER_HOST,
    "CERTIFICATE_VERIFY_FAILED": messages.UNKNOWN_AUTHORITY,
    "is not in peer certificate": messages.CERTIFICATE_FOR_ANOTHER_HOST,
    "WRONG_VERSION_NUMBER": messages.LOG_WITHOUT_TLS,
    "SSL_ERROR_SSL": messages.TLS_DISAGREES,
    "[SSL": messages.TLS_DISAGREES,
}
"""By gRPC's and OpenSSL's words for it. A handshake that fails has the code UNAVAILABLE, like a server that is down."""


def error_of(error: Any, doing: str, unanswered: type[StoreUnavailable] = StoreUnavailable) -> StoreError:
    """The port's error for a grpc.RpcError with a code and details: grpcio's, or eventstore.http2.fields.Ended."""
    meaning = _meaning(error, doing, unanswered)
    meaning.inner = f"{doing}: {error.code().name}, {error.details()}"
    return meaning


def _meaning(error: Any, doing: str, unanswered: type[StoreUnavailable]) -> StoreError:
    code, details = error.code(), error.details() or ""
    trailers = dict(iter(error.trailing_metadata() or ()))
    if missing := _missing(code, details, doing):
        return AccessRefused(missing)
    if trailers.get("exception") == "stream-deleted":
        return tombstoned(str(trailers.get("stream-name", "")))
    if "InvalidPosition" in details:
        return NoSuchPosition(messages.refused(doing))
    if code in _REFUSALS:
        return StoreRefused(messages.refused(doing))
    return unanswered(messages.not_answered(doing))


def _missing(code: grpc.StatusCode, details: str, doing: str) -> str | None:
    """What is missing for access, and how to give it. None: something else is wrong."""
    if code is _Code.UNAUTHENTICATED:
        return messages.SIGN_IN_REFUSED
    if code is _Code.PERMISSION_DENIED:
        return no_right(doing)
    if code is _Code.UNAVAILABLE:
        return next((meaning for words, meaning in _TLS.items() if words in details), None)
    return None


def no_right(doing: str) -> str:
    return messages.MAY_NOT_READ_ALL if ALL in doing else messages.has_no_right(doing)


def leader_of(error: Any) -> str | None:
    """The leader's address, if a node that is not the leader names it in its refusal.

    Source: EventStore/EventStore, src/EventStore.Core/Services/Transport/Grpc/RpcExceptions.cs.
    """
    if error.code() is not _Code.NOT_FOUND:
        return None
    trailers = dict(iter(error.trailing_metadata() or ()))
    host, port = trailers.get("leader-endpoint-host"), trailers.get("leader-endpoint-port")
    return target_of(host, port) if host and port else None


def is_denied(error: Any) -> bool:
    """Whether the node refuses the caller, whatever was sent."""
    return error.code() in _DENIALS


def is_plain_no(error: Any) -> bool:
    """Whether the node says that it has not even looked at what it was sent."""
    return leader_of(error) is not None or is_not_ready(error.details() or "")


def is_not_ready(message: str) -> bool:
    """What a node says while it has no leader, or is cut off from the other nodes."""
    return "not ready" in message.lower()
