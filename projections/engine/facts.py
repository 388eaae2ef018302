"""The input of projections: an event of the log, decoded once for all of them, or why it cannot be decoded."""

from typing import Any

import msgspec

from eventstore.codec import Fact, UnreadableEvent, decode
from eventstore.store import Recorded


class Unreadable(msgspec.Struct, frozen=True):
    recorded: Recorded
    reason: str


Read = Fact[Any] | Unreadable


def read(recorded: Recorded) -> Read:
    try:
        return decode(recorded)
    except UnreadableEvent as error:
        return Unreadable(recorded, str(error))
