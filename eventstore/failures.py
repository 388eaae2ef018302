"""What a failed gRPC call means: the port's error for it. Pure, but for a line in the log with gRPC's own words."""

import logging
from typing import Any, Final

import grpc

from eventstore.connection import target_of
from eventstore.store import AccessRefused, StoreError, StoreRefused, StoreUnavailable

ALL: Final = "$all"

_log: Final = logging.getLogger("daybook.eventstore")
_Code: Final = grpc.StatusCode

_REFUSALS: Final = {_Code.FAILED_PRECONDITION, _Code.INVALID_ARGUMENT, _Code.UNIMPLEMENTED}
_SIGN_IN: Final = (
    "The log does not accept the user name or the password. "
    "Give both in DAYBOOK_ESDB_URI: esdb://user:password@host."
)
_TLS: Final = {
    "CERTIFICATE_VERIFY_FAILED": (
        "The certificate of the log is not signed by an authority that is known here. "
        "Name that authority's certificate in DAYBOOK_ESDB_URI: tlsCaFile=FILE."
    ),
    "is not in peer certificate": (
        "The certificate of the log is for another host. "
        "Give the host in DAYBOOK_ESDB_URI by a name that is in the certificate."
    ),
    "WRONG_VERSION_NUMBER": (
        "The log does not use TLS. If that is intended, say so in DAYBOOK_ESDB_URI: tls=false."
    ),
    "SSL_ERROR_SSL": (
        "The log and Daybook do not agree on TLS. "
        "Check tls, tlsCaFile, userCertFile and userKeyFile in DAYBOOK_ESDB_URI."
    ),
}
"""By gRPC's words for it. A handshake that fails has the code UNAVAILABLE, like a server that is down."""


def error_of(error: Any, doing: str, unanswered: type[StoreUnavailable] = StoreUnavailable) -> StoreError:
    """The port's error for a grpc.RpcError, which has a code and details if grpcio raised it."""
    code, details = error.code(), error.details() or ""
    if missing := _missing(code, details, doing):
        _log.warning("The log refuses %s: %s, %s", doing, code.name, details)
        return AccessRefused(missing)
    reason = f"{doing}: {code.name}, {details}"
    if code in _REFUSALS:
        return StoreRefused(f"The log refuses {reason}.")
    return unanswered(f"The log does not answer {reason}.")


def _missing(code: grpc.StatusCode, details: str, doing: str) -> str | None:
    """What is missing for access, and how to give it. None: something else is wrong."""
    if code is _Code.UNAUTHENTICATED:
        return _SIGN_IN
    if code is _Code.PERMISSION_DENIED:
        return no_right(doing)
    if code is _Code.UNAVAILABLE:
        return next((meaning for words, meaning in _TLS.items() if words in details), None)
    return None


def no_right(doing: str) -> str:
    if ALL in doing:
        return (
            "The user in DAYBOOK_ESDB_URI may not read $all. An administrator of the log gives that right in the "
            'metadata of $all: {"$acl": {"$r": ["$admins", "daybook"]}}, where daybook is the user or one of '
            "its groups. The default rights on streams are needed too."
        )
    return (
        f"The user in DAYBOOK_ESDB_URI has no right for {doing}. Daybook needs the default rights on streams: "
        "to read and to write all that do not begin with $."
    )


def leader_of(error: Any) -> str | None:
    """The leader's address, if a node that is not the leader names it in its refusal.

    Source: EventStore/EventStore, src/EventStore.Core/Services/Transport/Grpc/RpcExceptions.cs.
    """
    if error.code() is not _Code.NOT_FOUND:
        return None
    trailers = dict(iter(error.trailing_metadata() or ()))
    host, port = trailers.get("leader-endpoint-host"), trailers.get("leader-endpoint-port")
    return target_of(host, port) if host and port else None


def is_plain_no(error: Any) -> bool:
    """Whether the node says that it has not even looked at what it was sent."""
    return leader_of(error) is not None or is_not_ready(error.details() or "")


def is_not_ready(message: str) -> bool:
    """What a node says while it has no leader, or is cut off from the other nodes."""
    return "not ready" in message.lower()
