"""What a command led to, and finding it again in the log when the command is repeated."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

import msgspec

from domain.account import AccountCommand
from domain.errors import ImpossibleHistory
from domain.events import AccountCreated, AccountEvent
from eventstore.codec import decode
from eventstore.store import EventStore, Recorded

_PAGE: Final = 256


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a command led to, as of then. `balance` is in minor units of `currency`.

    `entry_id` is None where no money moved; `repeated` says that this is an earlier answer, given again. Once a read
    model has passed `position` it shows the command's effect.
    """

    entry_id: UUID | None
    account_id: str
    revision: int
    position: int
    balance: int
    currency: str
    repeated: bool


def outcome_of(event: AccountEvent, revision: int, position: int, *, repeated: bool) -> Outcome:
    """`event` is the last of its command."""
    moved = None if isinstance(event, AccountCreated) else event
    return Outcome(
        entry_id=moved.entry_id if moved else None,
        account_id=event.account_id,
        revision=revision,
        position=position,
        balance=moved.balance if moved else 0,
        currency=event.currency,
        repeated=repeated,
    )


async def earlier_outcomes(
    store: EventStore, stream: str, commands: Iterable[AccountCommand]
) -> dict[UUID, Outcome]:
    """By command id, the outcomes of commands booked on `stream`; it is read from its end until all are found.

    Raises ImpossibleHistory where one is not there.
    """
    missing = {command.entry_id: command.command_id for command in commands}
    found: dict[UUID, Outcome] = {}
    start = None
    while missing:
        page = await store.read_stream(stream, start=start, limit=_PAGE, backwards=True)
        for recorded in page:
            found.update(_answer(recorded, missing))
        if missing and (not page or page[-1].revision == 0):
            raise ImpossibleHistory(f"Stream {stream} does not hold what it counts as booked: {missing}.")
        start = page[-1].revision - 1
    return found


def _answer(recorded: Recorded, missing: dict[UUID, UUID]) -> dict[UUID, Outcome]:
    """The answer in `recorded` to one of the commands `missing` (by entry id), which it no longer is then."""
    event = decode(recorded)
    entry_id = event.opened_by if isinstance(event, AccountCreated) else event.entry_id
    command_id = missing.pop(entry_id, None)
    if command_id is None:
        return {}
    return {command_id: outcome_of(event, recorded.revision, recorded.position, repeated=True)}
