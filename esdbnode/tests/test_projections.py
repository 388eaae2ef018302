"""The system projections' links, written while the log grows, once each whatever happens."""

import time
from collections.abc import Sequence
from pathlib import Path

from esdbclient import EventStoreDBClient, NewEvent, RecordedEvent, StreamState
from esdbclient.exceptions import NotFound

from esdbnode.testing import start_node
from tests.positions import positions

SECONDS = 10.0


def eventually(client: EventStoreDBClient, stream: str, how_many: int) -> Sequence[RecordedEvent]:
    until = time.monotonic() + SECONDS
    while True:
        try:
            found: Sequence[RecordedEvent] = client.get_stream(stream, resolve_links=True)
        except NotFound:
            found = ()
        if len(found) >= how_many or time.monotonic() > until:
            return found
        time.sleep(0.02)


def happened(type_: str, correlation_id: str | None = None) -> NewEvent:
    metadata = b'{"$correlationId":"%s"}' % correlation_id.encode() if correlation_id else b""
    return NewEvent(type=type_, data=b"{}", metadata=metadata)


def test_events_are_linked_by_category_type_and_correlation_id() -> None:
    with start_node(None, "--projections") as node, EventStoreDBClient(uri=node.uri) as client:
        client.append_to_stream(
            "account-1", current_version=StreamState.ANY, events=[happened("Opened", "c")]
        )
        client.append_to_stream("account-2", current_version=StreamState.ANY, events=[happened("Opened")])
        client.append_to_stream(
            "account-1", current_version=StreamState.ANY, events=[happened("Closed", "c")]
        )
        client.append_to_stream("nodash", current_version=StreamState.ANY, events=[happened("Opened")])
        both = [("account-1", 0), ("account-2", 0), ("account-1", 1)]
        by_category = eventually(client, "$ce-account", 3)
        assert [(event.stream_name, event.stream_position) for event in by_category] == both
        assert [event.stream_name for event in eventually(client, "$et-Opened", 3)] == [
            "account-1",
            "account-2",
            "nodash",
        ]
        assert [event.type for event in eventually(client, "$bc-c", 2)] == ["Opened", "Closed"]
        assert [event.data for event in eventually(client, "$category-account", 2)] == [
            b"account-1",
            b"account-2",
        ]


def test_each_link_is_written_once_across_kills(tmp_path: Path) -> None:
    for round_ in range(6):
        with (
            start_node(tmp_path / "log.db", "--projections") as node,
            EventStoreDBClient(uri=node.uri) as client,
        ):
            for _ in range(30):
                client.append_to_stream(
                    f"account-{round_}", current_version=StreamState.ANY, events=[happened("Opened")]
                )
            node.kill()
    with start_node(tmp_path / "log.db", "--projections") as node, EventStoreDBClient(uri=node.uri) as client:
        linked = eventually(client, "$ce-account", 180)
        at = positions(linked)
        assert at == sorted(set(at))
        assert len(at) == 180


def test_metadata_nested_too_deeply_has_no_correlation_id_and_the_node_keeps_running() -> None:
    with start_node(None, "--projections") as node, EventStoreDBClient(uri=node.uri) as client:
        deep = NewEvent(type="Opened", data=b"{}", metadata=b"[" * 200_000)
        client.append_to_stream("account-1", current_version=StreamState.ANY, events=[deep])
        client.append_to_stream(
            "account-1", current_version=StreamState.ANY, events=[happened("Closed", "c")]
        )
        assert len(eventually(client, "$bc-c", 1)) == 1
        assert len(eventually(client, "$ce-account", 2)) == 2


def test_without_the_option_nothing_is_linked() -> None:
    with start_node() as node, EventStoreDBClient(uri=node.uri) as client:
        client.append_to_stream("account-1", current_version=StreamState.ANY, events=[happened("Opened")])
        time.sleep(0.3)
        assert [event.stream_name for event in client.read_all(filter_exclude=[])] == ["account-1"]
