"""BatchAppend with one call for all appends, as some clients use it, through the generated stub."""

import time
from collections.abc import Iterator
from queue import SimpleQueue
from typing import Any
from uuid import uuid4

import grpc
import pytest
from esdbclient.protos.Grpc import shared_pb2, streams_pb2
from google.protobuf import empty_pb2

from esdbnode.streams.batching import UNFINISHED
from esdbnode.testing import Node
from esdbnode.wording import calls
from tests.stubs import StreamsStub

SECONDS = 10.0


@pytest.fixture
def stub(node: Node) -> Iterator[Any]:
    with grpc.insecure_channel(node.address) as channel:
        yield StreamsStub(channel)


def request(
    correlation: str, stream: str | None, size: int = 2, *, events: int = 1, final: bool = True
) -> Any:
    made = streams_pb2.BatchAppendReq(correlation_id=shared_pb2.UUID(string=correlation), is_final=final)
    if stream is not None:
        made.options.stream_identifier.stream_name = stream.encode()
        made.options.any.CopyFrom(empty_pb2.Empty())
    for _ in range(events):
        made.proposed_messages.append(
            streams_pb2.BatchAppendReq.ProposedMessage(
                id=shared_pb2.UUID(string=str(uuid4())),
                metadata={"type": "T", "content-type": "application/json"},
                data=b'"' + b"x" * (size - 2) + b'"',
            )
        )
    return made


def test_appends_on_one_call_are_identified_by_correlation_id(stub: Any, stream: str) -> None:
    correlations = [str(uuid4()) for _ in range(300)]
    call = stub.BatchAppend(
        iter([request(c, f"{stream}-{n % 7}") for n, c in enumerate(correlations)]), timeout=SECONDS
    )
    answered = {answer.correlation_id.string: answer for answer in call}
    assert set(answered) == set(correlations)
    assert all(answer.WhichOneof("result") == "success" for answer in answered.values())


def test_an_append_is_answered_while_the_call_stays_open(stub: Any, stream: str) -> None:
    requests: SimpleQueue[Any] = SimpleQueue()
    call = stub.BatchAppend(iter(requests.get, None), timeout=SECONDS)
    for revision in range(3):
        requests.put(request(str(uuid4()), stream))
        assert next(call).success.current_revision == revision
    requests.put(None)
    assert list(call) == []


def test_an_append_in_chunks_is_written_with_its_last_chunk(stub: Any, stream: str) -> None:
    first, second = str(uuid4()), str(uuid4())
    call = stub.BatchAppend(
        iter(
            [
                request(first, stream, events=2, final=False),
                request(second, stream + "-other"),
                request(first, None, events=3),
            ]
        ),
        timeout=SECONDS,
    )
    answered = {answer.correlation_id.string: answer.success.current_revision for answer in call}
    assert answered == {first: 4, second: 0}


def test_a_failed_append_does_not_affect_the_others_on_its_call(stub: Any, stream: str) -> None:
    good, too_large, nameless = str(uuid4()), str(uuid4()), str(uuid4())
    call = stub.BatchAppend(
        iter([request(too_large, stream, 1_100_000), request(nameless, ""), request(good, stream)]),
        timeout=SECONDS,
    )
    answered = {answer.correlation_id.string: answer for answer in call}
    assert answered[good].success.current_revision == 0
    assert answered[too_large].error.details.Is(shared_pb2.MaximumAppendSizeExceeded.DESCRIPTOR)
    assert answered[nameless].error.details.Is(shared_pb2.BadRequest.DESCRIPTOR)


def test_an_append_past_its_deadline_is_answered_with_a_timeout_and_not_written(
    stub: Any, stream: str
) -> None:
    late = request(str(uuid4()), stream)
    late.options.deadline.seconds = 0
    late.options.deadline.nanos = 0
    late.options.deadline.SetInParent()
    (answer,) = stub.BatchAppend(iter([late]), timeout=SECONDS)
    assert answer.error.details.Is(shared_pb2.Timeout.DESCRIPTOR)
    (answer,) = stub.BatchAppend(iter([request(str(uuid4()), stream)]), timeout=SECONDS)
    assert answer.success.current_revision == 0


def test_unfinished_appends_on_one_call_are_bounded(stub: Any, stream: str) -> None:
    begun = [request(str(uuid4()), stream, final=False) for _ in range(UNFINISHED + 1)]
    (answer,) = stub.BatchAppend(iter(begun), timeout=SECONDS)
    refused = shared_pb2.BadRequest.FromString(answer.error.details.value)
    assert refused.message == calls.too_many_unfinished(UNFINISHED)


def test_a_call_without_any_append_is_not_answered(stub: Any) -> None:
    with pytest.raises(grpc.RpcError) as ended:
        list(stub.BatchAppend(iter([]), timeout=0.5))
    assert ended.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED


def test_an_append_whose_chunks_do_not_come_is_answered_with_a_timeout(stub: Any, stream: str) -> None:
    unfinished, late = str(uuid4()), request(str(uuid4()), stream, final=False)
    late.options.deadline.nanos = 200_000_000
    requests: SimpleQueue[Any] = SimpleQueue()
    call = stub.BatchAppend(iter(requests.get, None), timeout=SECONDS)
    requests.put(request(unfinished, stream, final=False))
    requests.put(late)
    answers = [next(call), next(call)]
    assert [answer.correlation_id.string for answer in answers] == [late.correlation_id.string, unfinished]
    assert all(answer.error.details.Is(shared_pb2.Timeout.DESCRIPTOR) for answer in answers)
    requests.put(request(unfinished, None))
    requests.put(request(str(uuid4()), stream))
    assert next(call).success.current_revision == 0
    requests.put(None)
    assert list(call) == []


def test_an_append_whose_last_chunk_came_in_time_is_answered_once(stub: Any, stream: str) -> None:
    first = request(str(uuid4()), stream, final=False)
    first.options.deadline.nanos = 300_000_000
    requests: SimpleQueue[Any] = SimpleQueue()
    call = stub.BatchAppend(iter(requests.get, None), timeout=SECONDS)
    requests.put(first)
    requests.put(request(first.correlation_id.string, None))
    assert next(call).success.current_revision == 1
    time.sleep(0.5)
    requests.put(None)
    assert list(call) == []


def test_an_append_continues_after_a_refused_chunk(stub: Any, stream: str) -> None:
    first = request(str(uuid4()), stream, events=3, final=False)
    first.proposed_messages[1].metadata.pop("type")
    call = stub.BatchAppend(iter([first, request(first.correlation_id.string, None)]), timeout=SECONDS)
    refused, answered = call
    assert refused.error.details.Is(shared_pb2.BadRequest.DESCRIPTOR)
    assert answered.success.current_revision == 1
