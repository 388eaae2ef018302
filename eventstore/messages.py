"""Every sentence about the log that a person can meet: the list to review when wording changes.

A message with placeholders is a function. Its caller formats everything apart from text and numbers.
"""

from collections.abc import Collection
from typing import Final

# No connection, or no answer in time.


def nobody_listens(addresses: Collection[str]) -> str:
    return (
        f"No node of the log could be found at {', '.join(addresses)}: "
        "check that one is up, and that the address and its TLS settings fit."
    )


def no_node_to_use(addresses: Collection[str]) -> str:
    return (
        f"The log has no node to use at the moment: those at {', '.join(addresses)} name none that answers."
    )


def node_silent(address: str) -> str:
    return f"The log at {address} does not answer."


def another_node(address: str) -> str:
    return f"Another node of the log took over from {address}."


def appends_not_answered(seconds: float) -> str:
    return f"The log did not answer appends for {seconds:g} s."


def not_ready(stream: str) -> str:
    return f"The log is not ready for the append to {stream}."


def not_connected(address: str) -> str:
    return f"No connection to the log at {address}: check that it is up and that its TLS settings fit."


def not_reached(seconds: float) -> str:
    return f"The log could not be reached within {seconds:g} s."


def append_not_answered(stream: str, seconds: float) -> str:
    return f"The log did not answer the append to {stream} in {seconds:g} s."


def outcome_unknown(stream: str) -> str:
    return f"The log does not say whether it recorded the append to {stream}."


def too_many_reads(waiting: int) -> str:
    return f"{waiting} reads of the log are waiting already."


def read_not_started(seconds: float) -> str:
    return f"Too many reads of the log: this one could not start within {seconds:g} s."


CONNECTION_CLOSED: Final = "The connection to the log was closed."
CONNECTION_DROPPED: Final = "The connection that carried the append was dropped."
APPENDS_ENDED: Final = "The log ended the call that carries appends."
SUBSCRIPTION_ENDED: Final = "The log ended a subscription."


def not_answered(doing: str) -> str:
    """`doing` is one of those below."""
    return f"The log does not answer {doing}."


def refused(doing: str) -> str:
    return f"The log refuses {doing}."


def read_of(stream: str) -> str:
    return f"a read of {stream}"


APPENDS: Final = "appends"


def append_to(stream: str) -> str:
    return f"an append to {stream}"


SUBSCRIPTION: Final = "a subscription to $all"
GOSSIP: Final = "a question about the cluster"

# What the connection for appends saw: for lines of the log.


def connection_lost(reason: str) -> str:
    return f"connection lost ({reason})"


def stream_reset(code: int) -> str:
    return f"stream reset with code {code}"


def sent_away(code: int) -> str:
    return f"sent away with code {code}"


def ended_with(http: str, status: str) -> str:
    return f"HTTP status {http or 'missing'}, gRPC status {status or 'missing'}"


NOT_HTTP2: Final = "the server broke a rule of HTTP/2 or gRPC"

# Access, until somebody gives what is missing.

SIGN_IN_REFUSED: Final = (
    "The log does not accept the user name or the password. "
    "Give both in DAYBOOK_ESDB_URI: esdb://user:password@host."
)
MAY_NOT_READ_ALL: Final = (
    "The user in DAYBOOK_ESDB_URI may not read $all. An administrator of the log gives that right in the "
    'metadata of $all: {"$acl": {"$r": ["$admins", "daybook"]}}, where daybook is the user or one of '
    "its groups. The default rights on streams are needed too."
)
UNKNOWN_AUTHORITY: Final = (
    "The certificate of the log is not signed by an authority that is known here. "
    "Name that authority's certificate in DAYBOOK_ESDB_URI: tlsCaFile=FILE."
)
CERTIFICATE_FOR_ANOTHER_HOST: Final = (
    "The certificate of the log is for another host. "
    "Give the host in DAYBOOK_ESDB_URI by a name that is in the certificate."
)
LOG_WITHOUT_TLS: Final = (
    "The log does not use TLS. If that is intended, say so in DAYBOOK_ESDB_URI: tls=false."
)
TLS_DISAGREES: Final = (
    "The log and Daybook do not agree on TLS. "
    "Check tls, tlsCaFile, userCertFile and userKeyFile in DAYBOOK_ESDB_URI."
)
_CHECK_FILES: Final = "Check tlsCaFile, userCertFile and userKeyFile in DAYBOOK_ESDB_URI."
NO_CERTIFICATE: Final = f"The file in tlsCaFile holds no certificate. {_CHECK_FILES}"


def file_unreadable(file: str) -> str:
    return f"The file {file} cannot be read. {_CHECK_FILES}"


def has_no_right(doing: str) -> str:
    return (
        f"The user in DAYBOOK_ESDB_URI has no right for {doing}. Daybook needs the default rights on streams: "
        "to read and to write all that do not begin with $."
    )


# Appends that the log does not accept.


def wrong_revision(stream: str, current: str, expected: int) -> str:
    return f"Stream {stream} is at revision {current}, not at the expected {expected}."


def append_too_large(stream: str, most: int) -> str:
    return f"The append to {stream} is larger than the {most} bytes that the log accepts at once."


def append_refused(stream: str) -> str:
    return f"The log refuses the append to {stream}."


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


def nested_too_deeply(levels: int) -> str:
    return f"it is nested more than {levels} levels deep"


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
    return (
        f"{stream} was deleted by another program. To undo this, write the stream's metadata without $tb, and once "
        "more, because the log first sets a $tb of its own."
    )


def limited(stream: str, limits: Collection[str]) -> str:
    return (
        f"{stream} was limited by another program, so the log drops its older events. To undo this, write the stream's "
        f"metadata without {', '.join(limits)}."
    )


# Wrong calls, for developers.

INCOMPLETE_APPEND: Final = "an append holds events and states the revision that it expects"
