"""The answers of BatchAppend: success, or an error whose `details` say which (a google.rpc.Status).

Codes as recorded: wrong version 6, deleted 5, bad request and too large 3, timeout 4, access denied 7.
"""

from typing import Any

from esdbclient.protos.Grpc import shared_pb2, status_pb2, streams_pb2
from google.protobuf import any_pb2, empty_pb2

from esdbnode.call import Status
from esdbnode.storage.writing import CannotWrite
from esdbnode.streams.appends import Appended, Outcome, Wrong
from esdbnode.streams.encoding import appended
from esdbnode.streams.errors import MAX_APPEND_SIZE
from esdbnode.streams.revisions import Deleted, Expect

_EMPTY = empty_pb2.Empty()


def of_outcome(correlation_id: bytes, identifier: Any, expected: int, outcome: Outcome | None) -> bytes:
    """`outcome` None: the deadline passed first."""
    match outcome:
        case Appended(revision, position):
            return appended(correlation_id, identifier.SerializeToString(), revision, position)
        case Wrong(current):
            wrong = _wrong_version(expected, current)
            return _failed(correlation_id, identifier, Status.ALREADY_EXISTS, "WrongExpectedVersion", wrong)
        case Deleted():
            deleted = shared_pb2.StreamDeleted(stream_identifier=identifier)
            return _failed(correlation_id, identifier, Status.NOT_FOUND, "StreamDeleted", deleted)
        case None:
            return timed_out(correlation_id, identifier)


def bad_request(correlation_id: bytes, identifier: Any, message: str) -> bytes:
    details = shared_pb2.BadRequest(message=message)
    return _failed(correlation_id, identifier, Status.INVALID_ARGUMENT, "BadRequest", details)


def too_large(correlation_id: bytes, identifier: Any) -> bytes:
    details = shared_pb2.MaximumAppendSizeExceeded(maxAppendSize=MAX_APPEND_SIZE)
    return _failed(correlation_id, identifier, Status.INVALID_ARGUMENT, "MaximumAppendSizeExceeded", details)


def timed_out(correlation_id: bytes, identifier: Any) -> bytes:
    return _failed(correlation_id, identifier, Status.DEADLINE_EXCEEDED, "Timeout", shared_pb2.Timeout())


def access_denied(correlation_id: bytes, identifier: Any) -> bytes:
    details = shared_pb2.AccessDenied()
    return _failed(correlation_id, identifier, Status.PERMISSION_DENIED, "AccessDenied", details)


def of_failure(correlation_id: bytes, identifier: Any, failure: BaseException) -> bytes:
    """Sent as a bad request, because clients show the text of that detail."""
    code = Status.RESOURCE_EXHAUSTED if isinstance(failure, CannotWrite) else Status.INTERNAL
    details = shared_pb2.BadRequest(message=str(failure))
    return _failed(correlation_id, identifier, code, str(failure), details)


def _failed(correlation_id: bytes, identifier: Any, code: Any, message: str, details: Any) -> bytes:
    packed = any_pb2.Any()
    packed.Pack(details)
    error = status_pb2.Status(code=code, message=message, details=packed)
    response = streams_pb2.BatchAppendResp(stream_identifier=identifier, error=error)
    response.correlation_id.ParseFromString(correlation_id)
    return response.SerializeToString()


def _wrong_version(expected: int, current: int) -> Any:
    wrong = shared_pb2.WrongExpectedVersion()
    if current < 0:
        wrong.current_no_stream.CopyFrom(_EMPTY)
    else:
        wrong.current_stream_revision = current
    match expected:
        case Expect.ANY:
            wrong.expected_any.CopyFrom(_EMPTY)
        case Expect.STREAM_EXISTS:
            wrong.expected_stream_exists.CopyFrom(_EMPTY)
        case Expect.NO_STREAM:
            wrong.expected_no_stream.CopyFrom(_EMPTY)
        case _:
            wrong.expected_stream_position = expected
    return wrong
