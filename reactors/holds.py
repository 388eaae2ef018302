"""The reactor `holds`: a hold whose time has passed expires, by one event.

A task begins with HoldPlaced, if that says when the hold expires, and ends with any event that ends the hold.
"""

from datetime import datetime
from typing import Any, Final, assert_never
from uuid import UUID, uuid5

from commands.handler import Context
from domain.accounts import (
    ExpireHold,
    HoldCaptured,
    HoldEvent,
    HoldExpired,
    HoldNotOver,
    HoldPlaced,
    HoldReleased,
    UnknownHold,
)
from domain.errors import CommandTooOld
from eventstore.codec import Fact, UnreadableEvent, decode_metadata
from reactors.reactor import Begins, Ends, Reactor, Tools

ACTOR: Final = "reactor"


def plan(fact: Fact[HoldEvent]) -> Begins | Ends | None:
    event = fact.event
    match event:
        case HoldPlaced(expires=None):
            return None
        case HoldPlaced():
            assert event.expires
            return Begins(str(event.hold_id), event.expires)
        case HoldCaptured() | HoldReleased() | HoldExpired():
            return Ends(str(event.hold_id))
        case _:
            assert_never(event)


async def expire(fact: Fact[HoldPlaced], tools: Tools) -> bool:
    """A hold that has ended is over; one that is not over by the time of the command is tried again."""
    now = tools.now()
    command = ExpireHold(
        account_id=fact.event.account_id,
        command_id=uuid5(fact.event.hold_id, "expire"),
        hold_id=fact.event.hold_id,
        at=now,
    )
    try:
        await tools.accounts.handle(command, _context(fact, command.command_id, now))
    except (UnknownHold, CommandTooOld):
        return True
    except HoldNotOver:
        return False
    return True


def _context(fact: Fact[Any], command_id: UUID, now: datetime) -> Context:
    """The event that began the task is the cause of what follows from it."""
    return Context(
        command_id=command_id,
        correlation_id=_correlation(fact) or str(command_id),
        causation_id=UUID(fact.recorded.event_id),
        actor=ACTOR,
        at=now,
    )


def _correlation(fact: Fact[Any]) -> str | None:
    try:
        return decode_metadata(fact.recorded).correlation_id
    except UnreadableEvent:
        return None


HOLDS: Final = Reactor(
    name="holds", events=(HoldPlaced, HoldCaptured, HoldReleased, HoldExpired), plan=plan, act=expire
)
