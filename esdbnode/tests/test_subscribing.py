"""Subscriptions through esdbclient: existing events, then new ones, each once and in order."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import psutil
import pytest
from esdbclient import CaughtUp, Checkpoint, EventStoreDBClient, NewEvent, RecordedEvent, StreamState
from esdbclient.exceptions import FailedPrecondition, StreamIsDeleted

from esdbnode.testing import Node, start_node
from tests.positions import position, positions

Events = Callable[..., list[NewEvent]]
SECONDS = 10.0


@contextmanager
def following(subscription: Any) -> Iterator[SimpleQueue[Any]]:
    """The subscription's events, read by a thread; an exception that ends it comes last."""
    seen: SimpleQueue[Any] = SimpleQueue()

    def pump() -> None:
        try:
            for item in subscription:
                seen.put(item)
        except Exception as error:
            seen.put(error)

    thread = threading.Thread(target=pump)
    thread.start()
    try:
        yield seen
    finally:
        subscription.stop()
        thread.join(SECONDS)
        assert not thread.is_alive()


def revisions(seen: SimpleQueue[Any], how_many: int) -> list[int]:
    return [seen.get(timeout=SECONDS).stream_position for _ in range(how_many)]


def test_a_stream_is_caught_up_and_then_live(client: EventStoreDBClient, stream: str, events: Events) -> None:
    client.append_to_stream(stream, current_version=StreamState.NO_STREAM, events=events(3))
    with following(client.subscribe_to_stream(stream, include_caught_up=True)) as seen:
        assert revisions(seen, 3) == [0, 1, 2]
        assert isinstance(seen.get(timeout=SECONDS), CaughtUp)
        client.append_to_stream(stream, current_version=2, events=events(2))
        assert revisions(seen, 2) == [3, 4]


def test_a_subscription_begins_behind_the_revision_it_names(
    client: EventStoreDBClient, stream: str, events: Events
) -> None:
    client.append_to_stream(stream, current_version=StreamState.NO_STREAM, events=events(3))
    with following(client.subscribe_to_stream(stream, stream_position=1)) as seen:
        assert revisions(seen, 1) == [2]
    with following(client.subscribe_to_stream(stream, from_end=True, include_caught_up=True)) as seen:
        assert isinstance(seen.get(timeout=SECONDS), CaughtUp)
        client.append_to_stream(stream, current_version=2, events=events(1))
        assert revisions(seen, 1) == [3]


def test_a_stream_that_is_not_there_yet_can_be_followed(
    client: EventStoreDBClient, stream: str, events: Events
) -> None:
    with following(client.subscribe_to_stream(stream)) as seen:
        client.append_to_stream(stream, current_version=StreamState.NO_STREAM, events=events(1))
        assert revisions(seen, 1) == [0]


def test_a_tombstone_ends_the_subscription(client: EventStoreDBClient, stream: str, events: Events) -> None:
    client.append_to_stream(stream, current_version=StreamState.NO_STREAM, events=events(1))
    with following(client.subscribe_to_stream(stream)) as seen:
        assert revisions(seen, 1) == [0]
        client.tombstone_stream(stream, current_version=0)
        assert seen.get(timeout=SECONDS).type == "$streamDeleted"
        assert isinstance(seen.get(timeout=SECONDS), StreamIsDeleted | FailedPrecondition)


def test_all_is_followed_by_many_at_once_without_gaps_or_doubles(
    node: Node, stream: str, events: Events
) -> None:
    """Subscribers that begin at different moments, while events are written, all see the same events."""
    with EventStoreDBClient(uri=node.uri) as client:
        begin = client.get_commit_position()
        failures: list[BaseException] = []

        def write(number: int) -> None:
            try:
                for _ in range(40):
                    client.append_to_stream(
                        f"{stream}-{number}", current_version=StreamState.ANY, events=events(5)
                    )
            except BaseException as error:
                failures.append(error)

        writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
        for writer in writers:
            writer.start()
        clients = [EventStoreDBClient(uri=node.uri) for _ in range(5)]
        try:
            seen = [list(islice(c.subscribe_to_all(commit_position=begin), 800)) for c in clients]
        finally:
            for writer in writers:
                writer.join(SECONDS)
            for connected in clients:
                connected.close()
        assert not failures
        orders = [positions(events_) for events_ in seen]
        assert orders[0] == sorted(set(orders[0]))
        assert all(others == orders[0] for others in orders)
        by_stream: dict[str, list[int]] = {}
        for event in seen[0]:
            by_stream.setdefault(event.stream_name, []).append(event.stream_position)
        assert set(map(tuple, by_stream.values())) == {tuple(range(200))}


def test_a_filtered_subscription_learns_how_far_it_came_when_nothing_matches(
    client: EventStoreDBClient, stream: str, events: Events
) -> None:
    subscription = client.subscribe_to_all(
        from_end=True,
        filter_include=["Never"],
        include_checkpoints=True,
        window_size=5,
        checkpoint_interval_multiplier=2,
        include_caught_up=True,
    )
    with following(subscription) as seen:
        assert isinstance(seen.get(timeout=SECONDS), CaughtUp)
        client.append_to_stream(stream, current_version=StreamState.NO_STREAM, events=events(25))
        at = positions(client.get_stream(stream))
        marks = [seen.get(timeout=SECONDS) for _ in range(2)]
        assert all(isinstance(mark, Checkpoint) for mark in marks)
        assert [mark.commit_position for mark in marks] == [at[9], at[19]]
        with pytest.raises(Empty):
            seen.get(timeout=0.2)


def test_a_checkpoint_never_passes_an_event_that_is_still_to_come(
    client: EventStoreDBClient, stream: str, events: Events
) -> None:
    """A client that resumes from any checkpoint sees every later match."""
    for _ in range(20):
        client.append_to_stream(stream, current_version=StreamState.ANY, events=events(7, "Noise"))
        client.append_to_stream(stream, current_version=StreamState.ANY, events=events(1, stream))
    matches = [position(event) for event in client.get_stream(stream) if event.type == stream]
    seen: list[int] = []
    subscription = client.subscribe_to_all(
        filter_include=[stream], include_checkpoints=True, window_size=3, checkpoint_interval_multiplier=1
    )
    for item in subscription:
        if isinstance(item, Checkpoint):
            assert [at for at in matches if at <= position(item)] == seen
        elif isinstance(item, RecordedEvent):
            seen.append(position(item))
        if len(seen) == len(matches):
            break
    subscription.stop()
    assert seen == matches


def test_a_subscriber_that_reads_nothing_misses_nothing(
    client: EventStoreDBClient, node: Node, stream: str
) -> None:
    """Far more bytes than its windows hold are written before it begins to read."""
    begin = client.get_commit_position()
    with EventStoreDBClient(uri=node.uri) as slow:
        subscription = slow.subscribe_to_all(commit_position=begin)
        for revision in range(-1, 39, 1):
            expected = StreamState.NO_STREAM if revision < 0 else revision
            event = NewEvent(type="T", data=b'"%s"' % (b"x" * 500_000))
            client.append_to_stream(stream, current_version=expected, events=event)
        assert [event.stream_position for event in islice(subscription, 40)] == list(range(40))
        subscription.stop()


def test_a_subscriber_that_reads_nothing_costs_the_node_no_memory(tmp_path: Path, stream: str) -> None:
    with start_node(tmp_path / "log.db") as node, EventStoreDBClient(uri=node.uri) as client:
        process = psutil.Process(node.process.pid)
        event = NewEvent(type="T", data=b'"%s"' % (b"x" * 1_000_000))

        def append(times: int) -> None:
            for _ in range(times):
                client.append_to_stream(
                    stream, current_version=StreamState.ANY, events=NewEvent("T", event.data)
                )

        append(40)  # fills SQLite's caches
        stuck = [EventStoreDBClient(uri=node.uri) for _ in range(10)]
        subscriptions = [connected.subscribe_to_all(from_end=True) for connected in stuck]
        before = process.memory_info().rss
        append(60)
        assert process.memory_info().rss - before < 100_000_000, "ten times 60 MB are pending"
        for subscription in subscriptions[:2]:
            assert [event.stream_position for event in islice(subscription, 60)] == list(range(40, 100))
        for connected in stuck:
            connected.close()
