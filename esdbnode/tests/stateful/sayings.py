"""How esdbclient says what the model says: expected revisions, refusals, the end of a catch-up."""

from collections.abc import Iterable

from esdbclient import CaughtUp, Checkpoint, RecordedEvent, StreamState
from esdbclient.exceptions import FailedPrecondition, NotFound, StreamIsDeleted, WrongCurrentVersion

from tests.stateful.model import Absent, Deleted, Expected, Refused, Wrong

_STATES = {"any": StreamState.ANY, "none": StreamState.NO_STREAM, "exists": StreamState.EXISTS}


def version(expected: Expected) -> int | StreamState:
    return expected if isinstance(expected, int) else _STATES[expected]


def of_an_append(refused: Refused) -> type[Exception]:
    return WrongCurrentVersion if isinstance(refused, Wrong) else FailedPrecondition


def of_a_batch(refused: Refused) -> type[Exception]:
    return WrongCurrentVersion if isinstance(refused, Wrong) else StreamIsDeleted


def of_a_deletion(refused: Refused) -> type[Exception]:
    if isinstance(refused, Wrong):
        return WrongCurrentVersion if refused.exists else NotFound
    assert isinstance(refused, Deleted)
    return StreamIsDeleted


def of_a_read(refused: Refused) -> type[Exception]:
    return NotFound if isinstance(refused, Absent) else StreamIsDeleted


def until_caught_up(subscription: Iterable[RecordedEvent | Checkpoint | CaughtUp]) -> list[RecordedEvent]:
    found: list[RecordedEvent] = []
    for event in subscription:
        if isinstance(event, CaughtUp):
            return found
        assert isinstance(event, RecordedEvent)
        found.append(event)
    raise AssertionError("the subscription ended before it had caught up")
