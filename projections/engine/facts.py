"""What projections are given: an event of the log, decoded once for all of them, or the reason why it cannot be."""

from typing import Final

import msgspec

from domain.account import stream_of
from domain.errors import DomainError
from domain.events import AccountCreated, AccountEvent
from domain.money import LIMIT, exponent
from eventstore.codec import UnreadableEvent, decode
from eventstore.store import Recorded

PREFIXES: Final = ("account-",)
"""The streams that the projections are made of."""


class Fact(msgspec.Struct, frozen=True, gc=False):
    recorded: Recorded
    event: AccountEvent
    actor: str


class Unreadable(msgspec.Struct, frozen=True):
    recorded: Recorded
    reason: str


class _By(msgspec.Struct):
    actor: str


_by: Final = msgspec.json.Decoder(_By).decode
_known_currencies: Final[set[str]] = set()


def read(recorded: Recorded) -> Fact | Unreadable:
    try:
        event = decode(recorded)
        actor = _by(recorded.metadata).actor
        reason = _doubt(recorded, event)
    except (UnreadableEvent, msgspec.MsgspecError, DomainError) as error:
        return Unreadable(recorded, str(error))
    return Unreadable(recorded, reason) if reason else Fact(recorded, event, actor)


def _doubt(recorded: Recorded, event: AccountEvent) -> str:
    """Why a read model could not hold the event exactly, "" where it can. Raises DomainError likewise."""
    if recorded.stream != f"account-{event.account_id}":
        return f"An event of account {event.account_id} stands in the stream {recorded.stream}."
    if event.currency not in _known_currencies:
        exponent(event.currency)
        _known_currencies.add(event.currency)
    if recorded.revision == 0:
        stream_of(event.account_id)
    if type(event) is AccountCreated:
        return ""
    if not 0 < event.amount < LIMIT or not -LIMIT < event.balance < LIMIT:  # type: ignore[union-attr]
        return "The entry's amount or balance is out of range: below 2^53 minor units, the amount above 0."
    return ""
