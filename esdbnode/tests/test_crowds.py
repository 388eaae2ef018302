"""Slow, many and abusive clients of a complete node: bounded memory, nothing missed, other clients are served."""

import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any

import grpc
import psutil
import pytest
from esdbclient import EventStoreDBClient, NewEvent, StreamState
from esdbclient.protos.Grpc import streams_pb2

from esdbnode.testing import Node, start_node
from tests.stubs import StreamsStub

SUBSCRIBERS = 1_000
MEGABYTE = 1_000_000


@pytest.fixture
def node() -> Iterator[Node]:
    """A separate node, so that its memory can be measured."""
    with start_node() as running:
        yield running


def memory(node: Node) -> int:
    """Resident, in bytes."""
    rss: int = psutil.Process(node.process.pid).memory_info().rss
    return rss


def event(size: int = 2) -> NewEvent:
    return NewEvent(type="T", data=b'"%s"' % (b"x" * size))


def following_all() -> Any:
    request = streams_pb2.ReadReq()
    request.options.all.end.SetInParent()
    request.options.subscription.SetInParent()
    request.options.no_filter.SetInParent()
    request.options.uuid_option.string.SetInParent()
    return request


def test_a_thousand_subscriptions_all_get_a_live_event(node: Node) -> None:
    def until(call: Any, content: str) -> Any:
        return next(answer for answer in call if answer.WhichOneof("content") == content)

    with grpc.insecure_channel(node.address) as channel, EventStoreDBClient(uri=node.uri) as client:
        stub = StreamsStub(channel)
        calls = [stub.Read(following_all(), timeout=30) for _ in range(SUBSCRIBERS)]
        for call in calls:
            until(call, "caught_up")
        for revision in range(-1, 2):
            sent = event()
            expected = revision if revision >= 0 else StreamState.NO_STREAM
            client.append_to_stream("s", current_version=expected, events=sent)
            ids = [until(call, "event").event.event.id.string for call in calls]
            assert ids == [str(sent.id)] * SUBSCRIBERS
        for call in calls:
            call.cancel()


def test_subscribers_that_stop_reading_for_a_while_cost_bounded_memory_and_miss_nothing(
    tmp_path: Path,
) -> None:
    """Ten of them in $all and ten in a stream; each reads, stops, and has 40 MB to read when it continues."""
    with start_node(tmp_path / "log.db") as node, EventStoreDBClient(uri=node.uri) as client:

        def append(times: int) -> None:
            for _ in range(times):
                client.append_to_stream("s", current_version=StreamState.ANY, events=event(MEGABYTE))

        append(40)  # fills SQLite's caches
        with ExitStack() as slow:
            readers = [slow.enter_context(EventStoreDBClient(uri=node.uri)) for _ in range(20)]
            subscriptions: list[Any] = [
                *[reader.subscribe_to_all(from_end=True) for reader in readers[:10]],
                *[reader.subscribe_to_stream("s", from_end=True) for reader in readers[10:]],
            ]
            before = memory(node)
            append(2)
            for subscription in subscriptions:
                assert [item.stream_position for item in islice(subscription, 2)] == [40, 41]
            append(40)
            assert memory(node) - before < 100 * MEGABYTE, "800 MB are pending"
            for subscription in subscriptions:
                assert [item.stream_position for item in islice(subscription, 40)] == list(range(42, 82))
                subscription.stop()


def test_abandoned_connections_do_not_keep_others_out_and_their_memory_is_freed(node: Node) -> None:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    many = min(10_000, soft - 500)
    with EventStoreDBClient(uri=node.uri) as client:
        client.append_to_stream("s", current_version=StreamState.NO_STREAM, events=event())
        before = memory(node)
        with ExitStack() as left:
            for number in range(many):
                connection = left.enter_context(socket.create_connection(("127.0.0.1", node.port), 5))
                if number % 2:
                    connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0")
                if number % 1_000 == 0:
                    begun = time.monotonic()
                    assert len(client.get_stream("s")) == 1
                    assert time.monotonic() - begun < 2
            at_most = memory(node)
        assert at_most - before < 100 * MEGABYTE
        until = time.monotonic() + 15
        while memory(node) - before > 30 * MEGABYTE:
            assert time.monotonic() < until, "the memory of those who left has not come back"
            time.sleep(0.2)
        client.append_to_stream("s", current_version=0, events=event())
