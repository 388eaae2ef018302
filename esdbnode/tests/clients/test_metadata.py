"""A stream's metadata through every client: kept, versioned; it hides events everywhere except in $all."""

from typing import Any

import pytest

from tests.clients.driver import Driver
from tests.clients.kit import kinds, one, positions, refused, revisions, some


@pytest.fixture
def ten(client: Driver, stream: str) -> str:
    client.append(stream, "NO_STREAM", some(10))
    return stream


def test_metadata_is_read_as_it_was_set(client: Driver, ten: str) -> None:
    assert client.metadata(ten) == [{}, "NO_STREAM"]
    client.set_metadata(ten, {"owner": "Łódź", "$maxCount": 50})
    assert client.metadata(ten) == [{"owner": "Łódź", "$maxCount": 50}, 0]
    client.set_metadata(ten, {"owner": None})
    assert client.metadata(ten) == [{"owner": None}, 1]


def test_metadata_has_a_version_that_can_be_expected(client: Driver, ten: str) -> None:
    client.set_metadata(ten, {"n": 1}, "NO_STREAM")
    with refused("WrongCurrentVersion"):
        client.set_metadata(ten, {"n": 2}, "NO_STREAM")
    client.set_metadata(ten, {"n": 3}, 0)
    assert client.metadata(ten) == [{"n": 3}, 1]
    assert client.current_version(ten) == 9


def test_a_stream_may_have_metadata_before_it_has_events(client: Driver, stream: str) -> None:
    client.set_metadata(stream, {"$maxCount": 2})
    with refused("NotFound"):
        client.read_stream(stream)
    client.append(stream, "NO_STREAM", some(3))
    assert revisions(client.read_stream(stream)) == [1, 2]


@pytest.mark.parametrize(
    ("metadata", "first"),
    [
        ({"$maxCount": 3}, 7),
        ({"$maxCount": 30}, 0),
        ({"$tb": 4}, 4),
        ({"$tb": 4, "$maxCount": 3}, 7),
        ({"$tb": 8, "$maxCount": 3}, 8),
    ],
    ids=str,
)
def test_truncated_events_are_no_longer_read(
    client: Driver, ten: str, metadata: dict[str, Any], first: int
) -> None:
    client.set_metadata(ten, metadata)
    left = [*range(first, 10)]
    assert revisions(client.read_stream(ten)) == left
    assert revisions(client.read_stream(ten, backwards=True)) == left[::-1]
    assert revisions(client.read_stream(ten, stream_position=first, limit=2)) == left[:2]
    client.subscribe(ten)
    assert revisions(client.take(len(left))) == left


def test_the_window_of_max_count_moves_on_with_the_stream(client: Driver, ten: str) -> None:
    client.set_metadata(ten, {"$maxCount": 3})
    client.append(ten, 9, some(2))
    assert revisions(client.read_stream(ten)) == [9, 10, 11]
    client.set_metadata(ten, {"$maxCount": 5})
    assert revisions(client.read_stream(ten)) == [7, 8, 9, 10, 11]


def test_a_completely_truncated_stream_is_empty_and_continues(client: Driver, ten: str) -> None:
    client.set_metadata(ten, {"$tb": 10})
    assert client.read_stream(ten) == []
    client.subscribe(ten, include_caught_up=True)
    assert kinds(client.take(1)) == ["caught up"]
    client.append(ten, 9, one())
    assert revisions(client.take(1)) == [10]
    assert revisions(client.read_stream(ten)) == [10]


def test_truncated_events_stay_in_all(client: Driver, ten: str) -> None:
    written = client.read_stream(ten)
    client.set_metadata(ten, {"$tb": 8})
    assert client.read_all(commit_position=positions(written)[0]) == written
