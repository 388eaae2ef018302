"""Reads through every client: in both directions, from any revision, with a limit; links and filters."""

from typing import Any

import pytest

from tests.clients.driver import Driver
from tests.clients.kit import ids, one, positions, refused, revisions, some

LONG = 1200
"""More events than the node reads from its file at once."""


@pytest.fixture
def ten(client: Driver, stream: str) -> str:
    client.append(stream, "NO_STREAM", some(10))
    return stream


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [*range(10)]),
        ({"limit": 3}, [0, 1, 2]),
        ({"stream_position": 4}, [4, 5, 6, 7, 8, 9]),
        ({"stream_position": 4, "limit": 2}, [4, 5]),
        ({"stream_position": 8, "limit": 100}, [8, 9]),
        ({"stream_position": 10}, []),
        ({"backwards": True}, [*reversed(range(10))]),
        ({"backwards": True, "limit": 3}, [9, 8, 7]),
        ({"backwards": True, "stream_position": 4}, [4, 3, 2, 1, 0]),
        ({"backwards": True, "stream_position": 4, "limit": 2}, [4, 3]),
        ({"backwards": True, "stream_position": 100, "limit": 2}, [9, 8]),
    ],
    ids=str,
)
def test_a_stream_is_read_both_ways_from_a_revision_up_to_a_limit(
    client: Driver, ten: str, options: dict[str, Any], expected: list[int]
) -> None:
    assert revisions(client.read_stream(ten, **options)) == expected


@pytest.mark.parametrize("backwards", [False, True])
def test_a_missing_stream_is_not_found(client: Driver, stream: str, backwards: bool) -> None:
    with refused("NotFound"):
        client.read_stream(stream, backwards=backwards)
    assert client.current_version(stream) == "NO_STREAM"


def test_the_version_is_the_last_revision(client: Driver, ten: str) -> None:
    assert client.current_version(ten) == 9


def test_all_is_read_forwards_with_the_position_given_and_backwards_without(client: Driver, ten: str) -> None:
    written = client.read_stream(ten)
    fourth, last = written[4], client.end()
    assert positions(written)[-1] == last
    assert client.read_all(commit_position=fourth["position"]) == written[4:]
    assert client.read_all(commit_position=fourth["position"], backwards=True, limit=4) == written[3::-1]
    assert client.read_all(commit_position=fourth["position"], limit=2) == written[4:6]
    assert client.read_all(backwards=True, limit=3) == written[:6:-1]


def test_all_has_the_events_of_all_streams_in_the_order_of_their_appends(client: Driver, stream: str) -> None:
    began = client.append(stream, "NO_STREAM", one())
    for number in range(3):
        client.append(f"{stream}-{number % 2}", "ANY", some(2))
    read = client.read_all(commit_position=began)[1:]
    assert positions(read) == sorted(set(positions(read)))
    assert [item["stream"] for item in read] == [f"{stream}-{number}" for number in (0, 0, 1, 1, 0, 0)]


def test_a_long_read_is_the_same_both_ways_and_by_subscription(client: Driver, stream: str) -> None:
    began = client.append(stream, "NO_STREAM", one())
    client.append(stream, 0, some(LONG))
    written = client.read_stream(stream)
    assert revisions(written) == [*range(LONG + 1)]
    assert client.read_stream(stream, backwards=True) == written[::-1]
    assert client.read_all(commit_position=began) == written
    assert client.read_all(backwards=True, limit=LONG + 1) == written[::-1]
    client.subscribe(stream)
    assert client.take(LONG + 1) == written
    client.subscribe(commit_position=began)
    assert client.take(LONG) == written[1:]
    client.subscribe(prefix=stream, filter_by_stream_name=True)
    assert client.take(LONG + 1) == written


@pytest.fixture
def mixed(client: Driver, stream: str) -> str:
    """Streams `stream-a` and `stream-b`, with events of alternating types Opened and Closed."""
    for _ in range(2):
        for name in ("a", "b"):
            client.append(f"{stream}-{name}", "ANY", [one("Opened"), one("Closed")])
    return stream


def test_all_is_filtered_by_the_beginning_of_a_streams_name(client: Driver, mixed: str) -> None:
    read = client.read_all(prefix=f"{mixed}-a", filter_by_stream_name=True)
    assert [(item["stream"], item["revision"]) for item in read] == [(f"{mixed}-a", n) for n in range(4)]
    assert client.read_all(prefix=f"{mixed}-c", filter_by_stream_name=True) == []


def test_all_is_filtered_by_an_expression_for_a_streams_name(client: Driver, mixed: str) -> None:
    read = client.read_all(filter_include=[f"{mixed}-[bc]"], filter_by_stream_name=True)
    assert {item["stream"] for item in read} == {f"{mixed}-b"}
    assert revisions(read) == [0, 1, 2, 3]


def test_all_is_filtered_by_the_beginning_of_a_type(client: Driver, mixed: str) -> None:
    begin = client.read_stream(f"{mixed}-a")[0]["position"]
    read = client.read_all(prefix="Op", commit_position=begin)
    assert [(item["type"], item["revision"]) for item in read] == [("Opened", n) for n in (0, 0, 2, 2)]


def test_all_is_filtered_by_an_expression_for_a_type(client: Driver, mixed: str) -> None:
    begin = client.read_stream(f"{mixed}-a")[0]["position"]
    read = client.read_all(filter_include=["C.*ed", "Never"], commit_position=begin)
    assert [(item["type"], item["revision"]) for item in read] == [("Closed", n) for n in (1, 1, 3, 3)]


def test_a_limit_counts_the_events_that_pass_the_filter(client: Driver, mixed: str) -> None:
    read = client.read_all(filter_include=["Closed"], limit=3, backwards=True)
    assert [(item["stream"], item["revision"]) for item in read] == [
        (f"{mixed}-b", 3),
        (f"{mixed}-a", 3),
        (f"{mixed}-b", 1),
    ]


def test_the_servers_own_events_are_left_out_by_default(client: Driver, ten: str) -> None:
    begin = client.read_stream(ten)[-1]["position"]
    client.set_metadata(ten, {"$maxCount": 100})
    assert [item["type"] for item in client.read_all(commit_position=begin)] == ["Happened"]
    everything = client.read_all(commit_position=begin, filter_exclude=[])
    assert [(item["type"], item["stream"]) for item in everything][1:] == [("$metadata", f"$${ten}")]


def test_a_link_is_resolved_to_its_event_on_request(client: Driver, ten: str) -> None:
    links = f"{ten}-links"
    client.append(links, "NO_STREAM", [one("$>", f"3@{ten}"), one("$>", f"5@{ten}")])
    bare = client.read_stream(links)
    assert [(item["type"], item["data"], item["link"]) for item in bare] == [
        ("$>", f"3@{ten}", None),
        ("$>", f"5@{ten}", None),
    ]
    led = client.read_stream(links, resolve_links=True)
    assert [(item["stream"], item["revision"]) for item in led] == [(ten, 3), (ten, 5)]
    assert ids([item["link"] for item in led if item["link"]]) == ids(bare)


def test_a_link_to_an_event_that_is_gone_is_left_out(client: Driver, ten: str) -> None:
    links = f"{ten}-links"
    client.append(links, "NO_STREAM", [one("$>", f"3@{ten}"), one("$>", f"5@{ten}")])
    client.set_metadata(ten, {"$tb": 5})
    assert revisions(client.read_stream(links, resolve_links=True)) == [5]
