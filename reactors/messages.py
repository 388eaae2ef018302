"""Every sentence of the reactors that a person can meet: the list to review when wording changes.

A message with placeholders is a function. Its caller formats everything apart from text and numbers.
"""

from typing import Final

# Lines of the log.


def session_lost(name: str, reason: str, seconds: float) -> str:
    """`reason` is a sentence."""
    return f"{name}: {reason} Trying again in {seconds:g} s."


def log_set_back(name: str) -> str:
    return f"{name}: the log no longer has the event that was read last: it was set back. Reading it again."


def subscription_silent(head: int, seen: int) -> str:
    return f"The log has events up to position {head}, but its subscription says nothing after {seen}."


SUBSCRIPTION_ENDED: Final = "The subscription ended."


def task_failed(name: str, stream: str, revision: int, reason: str, seconds: float) -> str:
    """`reason` is a sentence."""
    return (
        f"{name} could not act on event {revision} of {stream}: {reason} Trying again every {seconds:g} s, "
        "until it succeeds."
    )


def error(kind: str, text: str) -> str:
    return f"{kind}: {text}."


EVENT_GONE: Final = "The log no longer has this event."


def checkpoint_not_written(name: str, reason: str) -> str:
    """`reason` is a sentence."""
    return f"{name}: the checkpoint was not written. {reason}"


def not_limited(stream: str, reason: str) -> str:
    """`reason` is a sentence."""
    return f"The log keeps every event of {stream}, since its $maxCount could not be set. {reason}"


LEASE_TAKEN: Final = "This process has the lease now: it acts for all reactors."
LEASE_LOST: Final = "Another process has the lease of the reactors: this one stands by."
LEASE_NOT_CONFIRMED: Final = "The log takes too long to confirm the lease of the reactors."


# Looked at from outside.

NOBODY_ACTS: Final = (
    "No process has the lease of the reactors. The first one that has something to do takes it."
)


def acts(pid: str, host: str, since: str, seen: str) -> str:
    """`since` and `seen` are times."""
    return f"Process {pid} on {host} acts for the reactors since {since}. It last wrote at {seen}."


def unknown_acts(seen: str) -> str:
    return (
        f"The lease of the reactors has an event of {seen} that cannot be read. The next one to act takes it."
    )


NEVER_RAN: Final = "it has never run, and events wait for it"
EVENTS_WAIT: Final = "events wait for it: it is stopped, or far behind"
TASK_OVERDUE: Final = "a task is overdue: it is stopped, or far behind"


def stopped(name: str, reason: str) -> str:
    """`reason` is one of those above."""
    return f"The reactor {name} does not work: {reason}. Start it: ./daybook reactor."
