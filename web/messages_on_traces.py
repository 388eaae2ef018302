"""Sentences of the web process about traces: what led to what. The rules are those of web.messages."""

from collections.abc import Mapping
from typing import Final

from domain.quoting import quoted
from web.messages import IN_THE_FEED, Explanation

UNKNOWN_TRACE: Final = Explanation(
    "No event has this correlation id",
    "Copy the id again, for example from the X-Correlation-ID of an answer or from a line of a log.",
)


def no_event_with(correlation_id: str) -> str:
    return f"No event has the correlation id {quoted(correlation_id)}."


def no_trace_at(position: int) -> str:
    return f"At position {position} there is no event with a correlation id."


def more_events(more: int) -> str:
    return f"and {more} more"


IN_A_TRACE: Final[Mapping[str, tuple[str, str]]] = {
    **IN_THE_FEED,
    "UserCreated": ("Person", "added"),
    "UserUpdated": ("Person", "changed"),
    "UserDeleted": ("Person", "deleted"),
    "AccountAdded": ("Account given to", ""),
    "AccountRemoved": ("Account taken from", ""),
    "TransferRequested": ("Transfer", "requested"),
    "TransferDebited": ("Transfer", "debited"),
    "TransferCredited": ("Transfer", "credited"),
    "TransferCompleted": ("Transfer", "completed"),
    "TransferRefused": ("Transfer", "refused"),
    "CreditDeclined": ("Transfer", "not taken by the other account"),
    "TransferRefunded": ("Transfer", "refunded"),
    "ImportStarted": ("Import", "started"),
    "ImportProgressed": ("Import", "under way"),
    "ImportChecked": ("Import", "checked"),
    "ImportBooked": ("Import", "booked"),
    "ImportFailed": ("Import", "ended early"),
}
"""The words before and after the id of the account, person, transfer or import, by the type of the event."""
