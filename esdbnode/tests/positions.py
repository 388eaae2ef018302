"""Commit positions, which esdbclient's types let be None."""

from collections.abc import Iterable

from esdbclient import Checkpoint, RecordedEvent


def position(event: RecordedEvent | Checkpoint) -> int:
    assert event.commit_position is not None
    return event.commit_position


def positions(events: Iterable[RecordedEvent]) -> list[int]:
    return [position(event) for event in events]
