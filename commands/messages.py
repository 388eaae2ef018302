"""Every sentence of the write side that a person can meet: the list to review when wording changes.

A message with placeholders is a function. Its caller formats everything apart from text and numbers.
"""

from typing import Final

# Too many commands at a time on one aggregate.


def too_busy(stream: str, reason: str) -> str:
    """`reason` is one of the three below."""
    return f"{stream} is too busy: {reason}."


def callers_wait(number: int, key: str) -> str:
    return f"{number} callers wait for {key} already"


def not_free_in_time(key: str, seconds: float) -> str:
    return f"{key} was not free within {seconds:g} s"


CLOSING: Final = "this process ends"


def changed_too_often(stream: str, times: int) -> str:
    return f"{stream} changed {times} times while a command was decided on it."


# A command that is to be booked on certain revisions only.


def wrong_version(stream: str, revision: int) -> str:
    """`revision` is -1 if the stream has no event."""
    now = f"is at revision {revision}" if revision >= 0 else "does not exist"
    return f"{stream} {now}, and the command was given for another revision. Nothing was booked."


# Snapshots. These are lines of the log.


def snapshot_ignored(stream: str, reason: str) -> str:
    """`reason` is one of those below."""
    return f"The snapshot of {stream} is ignored: {reason}."


SNAPSHOT_DAMAGED: Final = "it is damaged"
SNAPSHOT_OF_ANOTHER_RELEASE: Final = "its format or its schema is that of another release"
SNAPSHOT_MISPLACED: Final = "it was made of another stream"
SNAPSHOT_NOT_OF_THIS_LOG: Final = "the log has no such event at its revision"


def no_snapshots(reason: str, seconds: float) -> str:
    return f"Snapshots cannot be reached, and are not used for {seconds:g} s: {reason}"


# Watching for what other programs do to streams.

NOT_HEARD: Final = "Changes of streams by other programs are not heard."


def trying_again(reason: str, seconds: float) -> str:
    """`reason` is a sentence."""
    return f"{reason} Trying again in {seconds:g} s."


# A log that was restored from a copy.


def log_set_back(stream: str) -> str:
    return f"{stream} no longer has events that it had: the log was set back."


# Wrong calls, for developers.


def several_aggregates(number: int) -> str:
    return f"commands on one aggregate are handled together, not on {number}"


CONTEXT_OF_ANOTHER_COMMAND: Final = "each command needs the context that carries its id"
