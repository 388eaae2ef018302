"""Deleting through every client: a deleted stream can begin again, a tombstoned one never."""

import pytest

from tests.clients.driver import Driver
from tests.clients.kit import one, positions, refused, revisions, some


@pytest.fixture
def three(client: Driver, stream: str) -> str:
    client.append(stream, "NO_STREAM", some(3))
    return stream


@pytest.mark.parametrize("expected", ["ANY", "EXISTS", 2])
def test_a_deleted_stream_is_not_found(client: Driver, three: str, expected: int | str) -> None:
    client.delete(three, expected)
    with refused("NotFound"):
        client.read_stream(three)
    assert client.current_version(three) == "NO_STREAM"


@pytest.mark.parametrize("expected", ["NO_STREAM", 1, 3])
def test_a_stream_that_is_not_as_expected_is_not_deleted(
    client: Driver, three: str, expected: int | str
) -> None:
    with refused("WrongCurrentVersion"):
        client.delete(three, expected)
    with refused("WrongCurrentVersion"):
        client.tombstone(three, expected)
    assert revisions(client.read_stream(three)) == [0, 1, 2]


@pytest.mark.parametrize("expected", ["ANY", "EXISTS", "NO_STREAM", 0])
def test_a_missing_stream_cannot_be_deleted(client: Driver, stream: str, expected: int | str) -> None:
    with refused("NotFound"):
        client.delete(stream, expected)


@pytest.mark.parametrize("expected", ["NO_STREAM", "ANY", 2])
def test_a_deleted_stream_begins_again_behind_its_last_revision(
    client: Driver, three: str, expected: int | str
) -> None:
    client.delete(three, 2)
    client.append(three, expected, some(2))
    assert revisions(client.read_stream(three)) == [3, 4]
    client.append(three, 4, one())
    assert client.current_version(three) == 5


def test_a_deleted_stream_does_not_exist_for_an_append_that_expects_one(client: Driver, three: str) -> None:
    client.delete(three, 2)
    with refused("StreamIsDeleted"):
        client.append(three, "EXISTS", some(1))
    with refused("StreamIsDeleted"):
        client.delete(three, "EXISTS")


def test_the_events_of_a_deleted_stream_stay_in_all(client: Driver, three: str) -> None:
    written = client.read_stream(three)
    client.delete(three, 2)
    assert client.read_all(commit_position=positions(written)[0]) == written


@pytest.mark.parametrize("expected", ["ANY", "EXISTS", 2])
def test_a_tombstoned_stream_is_gone_for_every_call(client: Driver, three: str, expected: int | str) -> None:
    client.tombstone(three, expected)
    for call in (
        lambda: client.read_stream(three),
        lambda: client.read_stream(three, backwards=True),
        lambda: client.append(three, "ANY", some(2)),
        lambda: client.append(three, "NO_STREAM", some(2)),
        lambda: client.append(three, 2, some(2)),
        lambda: client.metadata(three),
        lambda: client.set_metadata(three, {"n": 1}),
        lambda: client.delete(three, "ANY"),
        lambda: client.tombstone(three, "ANY"),
    ):
        with refused("StreamIsDeleted"):
            call()


def test_one_event_for_a_tombstoned_stream_is_refused(client: Driver, three: str) -> None:
    client.tombstone(three, 2)
    with refused("StreamIsDeleted"):
        client.append(three, "ANY", one())


def test_a_deleted_stream_can_be_tombstoned(client: Driver, three: str) -> None:
    client.delete(three, 2)
    client.tombstone(three, "ANY")
    with refused("StreamIsDeleted"):
        client.read_stream(three)


def test_a_stream_can_be_tombstoned_before_it_begins(client: Driver, stream: str) -> None:
    client.tombstone(stream, "NO_STREAM")
    with refused("StreamIsDeleted"):
        client.append(stream, "NO_STREAM", some(1))


def test_after_a_tombstone_all_has_the_events_and_the_tombstone(client: Driver, three: str) -> None:
    written = client.read_stream(three)
    client.tombstone(three, 2)
    read = client.read_all(commit_position=positions(written)[0], filter_exclude=[])
    assert read[:3] == written
    assert [(item["type"], item["stream"]) for item in read[3:]] == [("$streamDeleted", three)]


def test_a_tombstone_does_not_affect_other_streams_or_subscribers_to_all(client: Driver, three: str) -> None:
    client.subscribe(from_end=True)
    client.append(f"{three}-other", "NO_STREAM", one())
    client.tombstone(three, 2)
    client.append(f"{three}-other", 0, one())
    assert [item["stream"] for item in client.take(2)] == [f"{three}-other"] * 2
    assert revisions(client.read_stream(f"{three}-other")) == [0, 1]
