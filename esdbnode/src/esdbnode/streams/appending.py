"""Append: a stream of messages, options first, and one answer. A wrong version is an answer, not an error."""

from typing import Any

from esdbclient.protos.Grpc import shared_pb2, streams_pb2

from esdbnode.access import Access, Action, require
from esdbnode.call import Call
from esdbnode.storage.log import Log
from esdbnode.streams.appends import Appended, Wrong, append
from esdbnode.streams.errors import MAX_APPEND_SIZE, append_too_large, invalid, stream_deleted
from esdbnode.streams.proposals import Proposal, proposal
from esdbnode.streams.requests import expected_revision, stream_name
from esdbnode.streams.revisions import Deleted, Expect
from esdbnode.wording import calls

_EMPTY = shared_pb2.Empty()
_NO_STREAM = (1 << 64) - 1


async def handle(log: Log, call: Call, access: Access) -> None:
    stream, expected, events = await _request(call, access)
    outcome = await log.submit(lambda transaction: append(transaction, stream, expected, events))
    match outcome:
        case Appended(revision, position):
            response = streams_pb2.AppendResp()
            _fill(response.success, revision, position)
        case Wrong(current):
            response = streams_pb2.AppendResp(wrong_expected_version=_wrong_version(expected, current))
        case Deleted():
            raise stream_deleted(stream)
    await call.send((response.SerializeToString(),))


async def _request(call: Call, access: Access) -> tuple[str, int, list[Proposal]]:
    options, events, size = None, [], 0
    async for raw in call.messages():
        request = streams_pb2.AppendReq.FromString(raw)
        kind = request.WhichOneof("content")
        if kind == "options" and options is None:
            options = request.options
            expected = expected_revision(options, "expected_stream_revision", "revision", "AppendReq")
            require(access, Action.WRITE, options.stream_identifier)
        elif kind == "proposed_message" and options is not None:
            events.append(proposal(request.proposed_message))
            size += len(request.proposed_message.data)
            if size > MAX_APPEND_SIZE:
                raise append_too_large()
        else:
            raise invalid(calls.NOT_OPTIONS_THEN_MESSAGES)
    if options is None:
        raise invalid(calls.OPTIONS_NOT_FIRST)
    return stream_name(options.stream_identifier), expected, events


def _fill(success: Any, revision: int | None, position: int | None) -> None:
    if revision is None:
        success.no_stream.SetInParent()
    else:
        success.current_revision = revision
    if position is None:
        success.no_position.SetInParent()
    else:
        success.position.commit_position = success.position.prepare_position = position


def _wrong_version(expected: int, current: int) -> Any:
    """Stated twice, as in the real server: in the fields of version 20.6 and in the current ones."""
    wrong = streams_pb2.AppendResp.WrongExpectedVersion()
    if current < 0:
        wrong.current_no_stream.CopyFrom(_EMPTY)
        wrong.no_stream_20_6_0.CopyFrom(_EMPTY)
    else:
        wrong.current_revision = wrong.current_revision_20_6_0 = current
    match expected:
        case Expect.ANY:
            wrong.expected_any.CopyFrom(_EMPTY)
            wrong.any_20_6_0.CopyFrom(_EMPTY)
        case Expect.STREAM_EXISTS:
            wrong.expected_stream_exists.CopyFrom(_EMPTY)
            wrong.stream_exists_20_6_0.CopyFrom(_EMPTY)
        case Expect.NO_STREAM:
            wrong.expected_no_stream.CopyFrom(_EMPTY)
            wrong.expected_revision_20_6_0 = _NO_STREAM
        case _:
            wrong.expected_revision = wrong.expected_revision_20_6_0 = expected
    return wrong
