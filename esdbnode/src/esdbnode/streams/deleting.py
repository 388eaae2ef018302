"""Delete hides a stream by its metadata (`$tb` = 2^63-1); Tombstone ends it forever with a `$streamDeleted` event."""

from typing import Any

from esdbclient.protos.Grpc import streams_pb2

from esdbnode.access import Access, Action, require
from esdbnode.call import Call
from esdbnode.storage.log import Log
from esdbnode.storage.transaction import Transaction
from esdbnode.streams import metadata
from esdbnode.streams.appends import lookups, server_event, state_of, write_metadata
from esdbnode.streams.errors import delete_failed, stream_deleted
from esdbnode.streams.metadata import DELETED
from esdbnode.streams.proposals import store
from esdbnode.streams.requests import expected_revision, only_message, stream_name
from esdbnode.streams.revisions import Deleted, Retry, Write, WrongVersion, decide

_SOFT_DELETE = f'{{"$tb":{DELETED}}}'.encode()


async def handle_delete(log: Log, call: Call, access: Access) -> None:
    stream, expected = await _request(call, access, streams_pb2.DeleteReq, "DeleteReq")
    position = await log.submit(lambda transaction: delete(transaction, stream, expected))
    await _answer(call, streams_pb2.DeleteResp(), position)


async def handle_tombstone(log: Log, call: Call, access: Access) -> None:
    stream, expected = await _request(call, access, streams_pb2.TombstoneReq, "TombstoneReq")
    position = await log.submit(lambda transaction: tombstone(transaction, stream, expected))
    await _answer(call, streams_pb2.TombstoneResp(), position)


def delete(transaction: Transaction, stream: str, expected: int) -> int:
    """Returns the position of the metadata event. A stream with only metadata can be deleted; one without cannot.

    Source: WriteDelete in EventStoreDB's StorageWriterService.cs.
    """
    current = _check(transaction, stream, expected)
    metastream = "$$" + stream
    described = transaction.last_revision(transaction.stream_id(metastream))
    if current < 0 and described < 0:
        raise delete_failed(stream, expected, current)
    if described == DELETED:
        raise stream_deleted(metastream)
    return write_metadata(transaction, stream, _SOFT_DELETE)


def tombstone(transaction: Transaction, stream: str, expected: int) -> int:
    """Returns the position of the `$streamDeleted` event. A stream without events can be tombstoned."""
    _check(transaction, stream, expected)
    sid = transaction.intern_stream(stream)
    return store(transaction, stream, sid, DELETED, server_event("$streamDeleted", b"", json=False))


def _check(transaction: Transaction, stream: str, expected: int) -> int:
    """The stream's last revision, if it may be deleted. The rules are as for appending one event with a new id."""
    sid = transaction.stream_id(stream)
    soft_deleted = metadata.metadata_of(transaction, stream).soft_deleted
    state = state_of(transaction, stream, sid, expected, soft_deleted)
    match decide(expected, state, [b""], *lookups(transaction, sid)):
        case Deleted():
            raise stream_deleted(stream)
        case WrongVersion() | Retry():
            raise delete_failed(stream, expected, state.current)
        case Write():
            return state.current


async def _request(call: Call, access: Access, kind: Any, name: str) -> tuple[str, int]:
    options = kind.FromString(await only_message(call)).options
    expected = expected_revision(options, "expected_stream_revision", "revision", name)
    require(access, Action.DELETE, options.stream_identifier)
    return stream_name(options.stream_identifier), expected


async def _answer(call: Call, response: Any, position: int) -> None:
    response.position.commit_position = response.position.prepare_position = position
    await call.send((response.SerializeToString(),))
