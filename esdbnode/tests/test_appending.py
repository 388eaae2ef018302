"""Appends, through esdbclient: the sync client's single appends and batches, the async client's batches."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from esdbclient import AsyncEventStoreDBClient, EventStoreDBClient, NewEvent, StreamState
from esdbclient.exceptions import (
    FailedPrecondition,
    MaximumAppendSizeExceededError,
    NotFound,
    StreamIsDeleted,
    WrongCurrentVersion,
)

from tests.positions import positions

Events = Callable[..., list[NewEvent]]


def revisions(client: EventStoreDBClient, stream: str) -> list[int]:
    return [event.stream_position for event in client.get_stream(stream)]


def test_positions_rise_strictly_and_are_never_zero(
    client: EventStoreDBClient, stream: str, events: Events
) -> None:
    first = client.append_to_stream(stream, current_version=StreamState.NO_STREAM, events=events(1))
    second = client.append_to_stream(stream, current_version=0, events=events(2))
    third = client.append_to_stream(stream, current_version=2, events=events(1)[0])
    assert 0 < first < second < third
    at = positions(client.get_stream(stream))
    assert at == sorted(set(at))
    assert (at[0], at[2], at[3]) == (first, second, third)


def test_appended_events_are_read_unchanged(client: EventStoreDBClient, stream: str) -> None:
    given = NewEvent(
        type="Über/ereignis",
        data=b"\x00\xff",
        metadata=b'{"a":1}',
        content_type="application/octet-stream",
        id=uuid4(),
    )
    client.append_to_stream(stream, current_version=StreamState.NO_STREAM, events=given)
    (read,) = client.get_stream(stream)
    assert (read.type, read.data, read.metadata, read.content_type, read.id, read.stream_name) == (
        given.type,
        given.data,
        given.metadata,
        given.content_type,
        given.id,
        stream,
    )


@pytest.mark.parametrize("batch", [False, True], ids=["single", "batch"])
@pytest.mark.parametrize("expected", [StreamState.NO_STREAM, 0, 5])
def test_an_append_expecting_another_revision_is_refused_and_writes_nothing(
    client: EventStoreDBClient, stream: str, events: Events, expected: int | StreamState, batch: bool
) -> None:
    client.append_to_stream(stream, current_version=StreamState.NO_STREAM, events=events(3))
    with pytest.raises(WrongCurrentVersion, match="2"):
        client.append_to_stream(stream, current_version=expected, events=events(2) if batch else events(1)[0])
    assert revisions(client, stream) == [0, 1, 2]


def test_stream_exists_needs_a_stream(client: EventStoreDBClient, stream: str, events: Events) -> None:
    with pytest.raises(WrongCurrentVersion, match="does not exist"):
        client.append_to_stream(stream, current_version=StreamState.EXISTS, events=events(1))
    client.append_to_stream(stream, current_version=StreamState.ANY, events=events(1))
    client.append_to_stream(stream, current_version=StreamState.EXISTS, events=events(1))
    assert revisions(client, stream) == [0, 1]


@pytest.mark.parametrize("expected", [StreamState.NO_STREAM, StreamState.ANY, StreamState.EXISTS])
def test_a_retry_is_answered_as_the_first_time_and_writes_nothing(
    client: EventStoreDBClient, stream: str, events: Events, expected: StreamState
) -> None:
    once = events(2)
    position = client.append_to_stream(stream, current_version=StreamState.NO_STREAM, events=once)
    client.append_to_stream(stream, current_version=1, events=events(1))
    assert client.append_to_stream(stream, current_version=expected, events=once) == position
    assert revisions(client, stream) == [0, 1, 2]


async def test_a_retry_through_the_async_client_writes_nothing(
    async_client: AsyncEventStoreDBClient, stream: str, events: Events
) -> None:
    once = events(2)
    position = await async_client.append_to_stream(stream, current_version=StreamState.NO_STREAM, events=once)
    assert (
        await async_client.append_to_stream(stream, current_version=StreamState.NO_STREAM, events=once)
        == position
    )
    assert len(await async_client.get_stream(stream)) == 2


def test_a_batch_is_written_completely_or_not_at_all(
    client: EventStoreDBClient, stream: str, events: Events
) -> None:
    too_much = [NewEvent(type="T", data=b'"' + b"x" * 400_000 + b'"') for _ in range(3)]
    with pytest.raises(MaximumAppendSizeExceededError, match="1048576"):
        client.append_to_stream(stream, current_version=StreamState.ANY, events=too_much)
    with pytest.raises(NotFound):
        client.get_stream(stream)
    client.append_to_stream(stream, current_version=StreamState.ANY, events=too_much[:2])
    assert revisions(client, stream) == [0, 1]


def test_the_same_ids_in_another_stream_are_another_stream_s_events(
    client: EventStoreDBClient, stream: str, events: Events
) -> None:
    same = events(1)
    client.append_to_stream(stream, current_version=StreamState.ANY, events=same)
    client.append_to_stream(stream + "b", current_version=StreamState.ANY, events=same)
    assert revisions(client, stream) == revisions(client, stream + "b") == [0]


async def test_a_tombstoned_stream_takes_no_more_events(
    client: EventStoreDBClient, async_client: AsyncEventStoreDBClient, stream: str, events: Events
) -> None:
    client.append_to_stream(stream, current_version=StreamState.ANY, events=events(1))
    client.tombstone_stream(stream, current_version=0)
    with pytest.raises(FailedPrecondition):
        client.append_to_stream(stream, current_version=StreamState.ANY, events=events(1)[0])
    with pytest.raises(StreamIsDeleted):
        client.append_to_stream(stream, current_version=StreamState.ANY, events=events(2))
    with pytest.raises(StreamIsDeleted):
        await async_client.append_to_stream(stream, current_version=StreamState.ANY, events=events(1))
    with pytest.raises(StreamIsDeleted):
        client.get_stream(stream)


def test_a_deleted_stream_continues_at_its_revision(
    client: EventStoreDBClient, stream: str, events: Events
) -> None:
    client.append_to_stream(stream, current_version=StreamState.ANY, events=events(3))
    client.delete_stream(stream, current_version=2)
    with pytest.raises(NotFound):
        client.get_stream(stream)
    client.append_to_stream(stream, current_version=StreamState.NO_STREAM, events=events(2))
    assert revisions(client, stream) == [3, 4]


def test_an_absent_stream_cannot_be_deleted(client: EventStoreDBClient, stream: str) -> None:
    with pytest.raises(NotFound):
        client.delete_stream(stream, current_version=StreamState.ANY)


def test_a_stream_whose_metadata_was_tombstoned_cannot_be_deleted(
    client: EventStoreDBClient, stream: str, events: Events
) -> None:
    client.append_to_stream(stream, current_version=StreamState.ANY, events=events(1))
    client.tombstone_stream("$$" + stream, current_version=StreamState.ANY)
    with pytest.raises(StreamIsDeleted):
        client.delete_stream(stream, current_version=0)
    assert revisions(client, stream) == [0]
