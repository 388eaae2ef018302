"""Refusals with the status, text and trailers that clients parse.

Source: EventStoreDB's RpcExceptions.cs (recorded from 24.6); esdbclient reads the text, other clients the trailers.
"""

from esdbnode.call import RpcError, Status
from esdbnode.wording import protocol

MAX_APPEND_SIZE = 1_048_576


def stream_deleted(stream: str) -> RpcError:
    return RpcError(
        Status.FAILED_PRECONDITION,
        protocol.stream_deleted(stream),
        [("exception", "stream-deleted"), ("stream-name", stream)],
    )


def delete_failed(stream: str, expected: int, actual: int) -> RpcError:
    return RpcError(
        Status.FAILED_PRECONDITION,
        protocol.delete_failed(stream, expected, actual),
        [
            ("exception", "wrong-expected-version"),
            ("stream-name", stream),
            ("expected-version", str(expected)),
            ("actual-version", str(actual)),
        ],
    )


def append_too_large() -> RpcError:
    return RpcError(
        Status.INVALID_ARGUMENT,
        protocol.append_too_large(MAX_APPEND_SIZE),
        [("exception", "maximum-append-size-exceeded"), ("maximum-append-size", str(MAX_APPEND_SIZE))],
    )


def property_missing(name: str) -> RpcError:
    return RpcError(
        Status.INVALID_ARGUMENT,
        protocol.property_missing(name),
        [
            ("exception", "missing-required-metadata-property"),
            ("required-metadata-properties", "type,content-type"),
        ],
    )


def not_set(request: str, oneof: str) -> RpcError:
    return invalid(protocol.not_set(request, oneof))


def invalid(message: str) -> RpcError:
    return RpcError(Status.INVALID_ARGUMENT, message)


def unexpected(result: str, why: str = "Error") -> RpcError:
    """EventStoreDB's answer to an impossible read (from the end forwards, count 0)."""
    return RpcError(Status.UNKNOWN, protocol.unexpected(result, why))


def damaged(reason: str) -> RpcError:
    return RpcError(Status.DATA_LOSS, reason)


def disk_refused(reason: str) -> RpcError:
    return RpcError(Status.RESOURCE_EXHAUSTED, reason)
