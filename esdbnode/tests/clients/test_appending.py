"""Appends through every client: expected revisions, retries that change nothing, atomic batches."""

import pytest

from tests.clients.driver import Driver
from tests.clients.kit import ids, one, positions, refused, revisions, some

LARGEST = 1024 * 1024
as_list = pytest.mark.parametrize("as_list", [False, True], ids=["one event", "a list"])


@as_list
@pytest.mark.parametrize("expected", ["NO_STREAM", "ANY"])
def test_an_append_that_expects_no_stream_or_any_begins_a_stream(
    client: Driver, stream: str, expected: str, as_list: bool
) -> None:
    event = one()
    at = client.append(stream, expected, [event] if as_list else event)
    (written,) = client.read_stream(stream)
    assert (written["id"], written["revision"], written["position"]) == (event["id"], 0, at)


@as_list
@pytest.mark.parametrize("expected", ["EXISTS", 0])
def test_a_stream_that_is_expected_and_missing_refuses_the_append(
    client: Driver, stream: str, expected: int | str, as_list: bool
) -> None:
    with refused("WrongCurrentVersion"):
        client.append(stream, expected, some(1) if as_list else one())
    assert client.current_version(stream) == "NO_STREAM"


@as_list
@pytest.mark.parametrize("expected", ["EXISTS", "ANY", 1])
def test_an_append_at_the_expected_revision_continues_a_stream(
    client: Driver, stream: str, expected: int | str, as_list: bool
) -> None:
    client.append(stream, "NO_STREAM", some(2))
    client.append(stream, expected, some(1) if as_list else one())
    assert revisions(client.read_stream(stream)) == [0, 1, 2]


@as_list
@pytest.mark.parametrize("expected", ["NO_STREAM", 0, 2])
def test_a_stream_that_is_not_as_expected_refuses_the_append(
    client: Driver, stream: str, expected: int | str, as_list: bool
) -> None:
    client.append(stream, "NO_STREAM", some(2))
    with refused("WrongCurrentVersion"):
        client.append(stream, expected, some(1) if as_list else one())
    assert client.current_version(stream) == 1


@as_list
@pytest.mark.parametrize("expected", ["NO_STREAM", "ANY", 0])
def test_a_retry_is_given_the_original_position_and_writes_nothing(
    client: Driver, stream: str, expected: int | str, as_list: bool
) -> None:
    if expected == 0:
        client.append(stream, "NO_STREAM", one())
    events = some(3) if as_list else one()
    at = client.append(stream, expected, events)
    before = client.read_stream(stream)
    client.append(stream, "EXISTS", one())
    assert client.append(stream, expected, events) == at
    assert client.read_stream(stream)[:-1] == before


def test_the_events_of_another_writer_are_no_retry(client: Driver, stream: str) -> None:
    events = some(2)
    client.append(stream, "NO_STREAM", events)
    with refused("WrongCurrentVersion"):
        client.append(stream, "NO_STREAM", [events[0], one()])
    assert ids(client.read_stream(stream)) == ids(events)


@pytest.mark.parametrize("expected", ["ANY", "EXISTS"])
def test_a_batch_with_written_and_new_events_writes_nothing(
    client: Driver, stream: str, expected: str
) -> None:
    events = some(2)
    client.append(stream, "NO_STREAM", events)
    with refused("WrongCurrentVersion"):
        client.append(stream, expected, [events[1], one()])
    assert client.current_version(stream) == 1


def test_a_batch_that_is_too_large_writes_nothing(client: Driver, stream: str) -> None:
    with refused("MaximumAppendSizeExceeded"):
        client.append(stream, "ANY", [*some(2), one(data=f'"{"x" * LARGEST}"')])
    assert client.current_version(stream) == "NO_STREAM"


def test_a_batch_has_the_position_of_its_last_event(client: Driver, stream: str) -> None:
    at = client.append(stream, "NO_STREAM", some(3))
    written = positions(client.read_stream(stream))
    assert written == sorted(set(written))
    assert written[-1] == at


def test_an_event_is_read_as_it_was_written(client: Driver, stream: str) -> None:
    event = one("Grüße", '{"to":"Łódź"}')
    event["metadata"] = '{"by":"test"}'
    client.append(stream, "NO_STREAM", event)
    (read,) = client.read_stream(stream)
    assert read["kind"] == "event"
    assert read["stream"] == stream
    assert event.items() <= read.items()
