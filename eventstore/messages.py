"""Every sentence about the log that a person can meet: the list to review when wording changes.

A message with placeholders is a function. Its caller formats everything apart from text and numbers.
"""

from collections.abc import Collection
from typing import Final

# No connection, or no answer in time.


def node_not_found(reason: str) -> str:
    return f"No node of the log could be found: {reason}."


def not_connected(address: str) -> str:
    return f"No connection to the log at {address}: check that it is up and that its TLS settings fit."


def not_reached(seconds: float) -> str:
    return f"The log could not be reached within {seconds:g} s."


def append_not_answered(stream: str, seconds: float) -> str:
    return f"The log did not answer the append to {stream} in {seconds:g} s."


def outcome_unknown(stream: str, reason: str) -> str:
    return f"The log does not say whether it recorded the append to {stream}: {reason}."


def too_many_reads(waiting: int) -> str:
    return f"{waiting} reads of the log are waiting already."


def read_not_started(seconds: float) -> str:
    return f"Too many reads of the log: this one could not start within {seconds:g} s."


CONNECTION_CLOSED: Final = "The connection to the log was closed."
CONNECTION_DROPPED: Final = "The connection that carried the append was dropped."
APPENDS_ENDED: Final = "The log ended the call that carries appends."
SUBSCRIPTION_ENDED: Final = "The log ended a subscription."


def not_answered(doing: str, reason: str) -> str:
    """`doing` is one of those below."""
    return f"The log does not answer {doing}: {reason}."


def refused(doing: str, reason: str) -> str:
    return f"The log refuses {doing}: {reason}."


def read_of(stream: str) -> str:
    return f"a read of {stream}"


APPENDS: Final = "appends"
READ_OF_THE_NEWEST: Final = "a read of the newest events"
READ_OF_THE_LAST: Final = "a read of the last event"
SUBSCRIPTION: Final = "a subscription"

# Appends that the log does not accept.


def wrong_revision(stream: str, current: str, expected: int) -> str:
    return f"Stream {stream} is at revision {current}, not at the expected {expected}."


def append_too_large(stream: str, most: int) -> str:
    return f"The append to {stream} is larger than the {most} bytes that the log accepts at once."


def append_refused(stream: str, refusal: str, reason: str) -> str:
    """`refusal` is the server's name for it."""
    return f"The log refuses the append to {stream}: {refusal} {reason}."


# Events that cannot be read.


def unreadable(event: str, reason: str) -> str:
    """`event` is `event_at`."""
    return f"{event} cannot be read: {reason}"


def unreadable_metadata(event: str, reason: str) -> str:
    return f"{event} has metadata that cannot be read: {reason}"


def unknown_type(event: str) -> str:
    return f"{event} is of a type that this version does not know."


def in_wrong_stream(event: str, aggregate_id: str) -> str:
    return f"{event} is in the wrong stream: it belongs to {aggregate_id}."


def event_at(revision: int, stream: str, position: int, event_type: str) -> str:
    return f"Event {revision} of {stream} (position {position}, {event_type})"


def unknown_schema(schema: int, newest: int) -> str:
    return f"its schema is {schema}; this version reads 1 to {newest}"


# Streams that are stopped. `event` is `event_at`.


def cannot_follow(event: str, reason: str) -> str:
    return f"{event} cannot follow the events before it: {reason}."


def beginning_missing(event: str) -> str:
    return f"{event} is the first one left in its stream. {_RESTORE}"


def events_missing(event: str, before: int) -> str:
    return f"{event} comes after event {before}: events between them are missing. {_RESTORE}"


_RESTORE: Final = "Another program removed events. Restore the log from a copy that has them."


def tombstoned(stream: str) -> str:
    return f"{stream} was deleted for ever (a tombstone). This cannot be undone: restore the log from a copy."


def deleted(stream: str) -> str:
    return f"{stream} was deleted by another program. To undo this, write the stream's metadata without $tb."


def limited(stream: str, limits: Collection[str]) -> str:
    return (
        f"{stream} was limited by another program, so the log drops its older events. To undo this, write the stream's "
        f"metadata without {', '.join(limits)}."
    )


# Wrong calls, for developers.

INCOMPLETE_APPEND: Final = "an append holds events and states the revision that it expects"
