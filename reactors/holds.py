"""The reactor `holds`: a hold whose time has passed expires, by one event.

A task begins with HoldPlaced, if that says when the hold expires, and ends with any event that ends the hold.
"""

from typing import Final, assert_never
from uuid import uuid5

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
from eventstore.codec import Fact
from reactors.reactor import Begins, Ends, Reactor, Tools, context_after


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
        await tools.accounts.handle(command, context_after(fact, command.command_id, now))
    except (UnknownHold, CommandTooOld):
        return True
    except HoldNotOver:
        return False
    return True


HOLDS: Final = Reactor(
    name="holds", events=(HoldPlaced, HoldCaptured, HoldReleased, HoldExpired), plan=plan, act=expire
)
