"""Reads of a stream and of $all, filters and links, through esdbclient."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from esdbclient import EventStoreDBClient, NewEvent, StreamState
from esdbclient.exceptions import NotFound

from tests.positions import positions

Events = Callable[..., list[NewEvent]]


@pytest.fixture
def five(client: EventStoreDBClient, stream: str, events: Events) -> list[NewEvent]:
    written = events(5)
    client.append_to_stream(stream, current_version=StreamState.NO_STREAM, events=written)
    return written


def test_a_stream_is_read_both_ways_from_anywhere(
    client: EventStoreDBClient, stream: str, five: list[NewEvent]
) -> None:
    def read(**how: Any) -> list[int]:
        return [event.stream_position for event in client.get_stream(stream, **how)]

    assert read() == [0, 1, 2, 3, 4]
    assert read(stream_position=3) == [3, 4]
    assert read(stream_position=1, limit=2) == [1, 2]
    assert read(backwards=True) == [4, 3, 2, 1, 0]
    assert read(backwards=True, stream_position=2, limit=2) == [2, 1]


def test_an_absent_stream_is_not_found(client: EventStoreDBClient, stream: str) -> None:
    with pytest.raises(NotFound):
        client.get_stream(stream)
    assert client.get_current_version(stream) is StreamState.NO_STREAM


def test_all_from_a_position_includes_it_forwards_and_excludes_it_backwards(
    client: EventStoreDBClient, stream: str, five: list[NewEvent]
) -> None:
    at = positions(client.get_stream(stream))
    forwards = client.read_all(commit_position=at[2])
    assert [event.commit_position for event in forwards] == at[2:]
    backwards = client.read_all(commit_position=at[2], backwards=True, limit=2)
    assert [event.commit_position for event in backwards] == [at[1], at[0]]
    assert client.get_commit_position() == at[-1]


def test_a_read_longer_than_a_page_is_complete(
    client: EventStoreDBClient, stream: str, events: Events
) -> None:
    for first in range(0, 2_000, 500):
        expected = StreamState.NO_STREAM if first == 0 else first - 1
        client.append_to_stream(stream, current_version=expected, events=events(500))
    assert [event.stream_position for event in client.read_stream(stream)] == list(range(2_000))
    assert [event.stream_position for event in client.read_stream(stream, backwards=True)] == list(
        range(1_999, -1, -1)
    )
    of_all = client.read_all(filter_include=[stream], filter_by_stream_name=True)
    assert [event.stream_position for event in of_all] == list(range(2_000))


def test_large_events_are_read_whole(client: EventStoreDBClient, stream: str) -> None:
    large = [NewEvent(type="T", data=b'"%s"' % (bytes([65 + n]) * 900_000)) for n in range(5)]
    for event in large:
        client.append_to_stream(stream, current_version=StreamState.ANY, events=event)
    assert [event.data for event in client.get_stream(stream)] == [event.data for event in large]


def test_filters_take_type_and_stream_name_by_regular_expression(
    client: EventStoreDBClient, stream: str, events: Events
) -> None:
    for name, type_ in ((stream, "Opened"), (stream + "b", "Opened"), (stream, "Closed")):
        client.append_to_stream(name, current_version=StreamState.ANY, events=events(1, type_))
    start = client.get_stream(stream)[0].commit_position

    def found(**how: Any) -> list[tuple[str, str]]:
        read = client.read_all(commit_position=start, **how)
        return [(event.stream_name, event.type) for event in read]

    assert found(filter_include=["Opened"]) == [(stream, "Opened"), (stream + "b", "Opened")]
    assert found(filter_exclude=["Opened"]) == [(stream, "Closed")]
    assert found(filter_include=[stream], filter_by_stream_name=True) == [
        (stream, "Opened"),
        (stream, "Closed"),
    ]


def test_system_events_are_in_all_but_not_with_the_default_filter(
    client: EventStoreDBClient, stream: str, five: list[NewEvent]
) -> None:
    client.set_stream_metadata(stream, metadata={"custom": 1}, current_version=StreamState.ANY)
    position = client.get_stream(stream)[-1].commit_position
    assert [event.type for event in client.read_all(commit_position=position)] == ["Happened"]
    everything = client.read_all(commit_position=position, filter_exclude=[])
    assert [event.type for event in everything] == ["Happened", "$metadata"]


def test_links_are_resolved_on_request(client: EventStoreDBClient, stream: str, five: list[NewEvent]) -> None:
    links = stream + "-links"
    made = [
        NewEvent(type="$>", data=f"{revision}@{stream}".encode(), content_type="application/octet-stream")
        for revision in (3, 1)
    ]
    client.append_to_stream(links, current_version=StreamState.NO_STREAM, events=made)
    assert [event.type for event in client.get_stream(links)] == ["$>", "$>"]
    resolved = client.get_stream(links, resolve_links=True)
    assert [(event.stream_name, event.stream_position) for event in resolved] == [(stream, 3), (stream, 1)]
    assert [event.link.stream_position for event in resolved if event.link] == [0, 1]


@pytest.mark.parametrize(
    ("metadata", "visible"),
    [
        ({"$maxCount": 2}, [3, 4]),
        ({"$tb": 3}, [3, 4]),
        ({"$tb": 1, "$maxCount": 3}, [2, 3, 4]),
        ({"$maxAge": 3600}, [0, 1, 2, 3, 4]),
        ({"$maxCount": 0, "$tb": 3}, [3, 4]),
        ({"$maxCount": "2"}, [0, 1, 2, 3, 4]),
        ({"$acl": 5, "$tb": 3}, [0, 1, 2, 3, 4]),
    ],
)
def test_metadata_decides_what_of_a_stream_is_visible(
    client: EventStoreDBClient,
    stream: str,
    five: list[NewEvent],
    metadata: dict[str, object],
    visible: list[int],
) -> None:
    client.set_stream_metadata(stream, metadata=metadata, current_version=StreamState.ANY)
    assert [event.stream_position for event in client.get_stream(stream)] == visible
    assert [event.stream_position for event in client.get_stream(stream, backwards=True)] == visible[::-1]
    assert client.get_stream_metadata(stream)[0] == metadata
    in_all = client.read_all(filter_include=[stream], filter_by_stream_name=True)
    assert [event.stream_position for event in in_all] == [0, 1, 2, 3, 4]


def test_events_older_than_max_age_are_hidden(
    client: EventStoreDBClient, stream: str, events: Events
) -> None:
    client.append_to_stream(stream, current_version=StreamState.NO_STREAM, events=events(1))
    client.set_stream_metadata(stream, metadata={"$maxAge": 1}, current_version=StreamState.ANY)
    time.sleep(1.2)
    client.append_to_stream(stream, current_version=0, events=events(1))
    assert [event.stream_position for event in client.get_stream(stream)] == [1]
