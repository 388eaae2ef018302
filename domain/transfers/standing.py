"""What the next event of a transfer depends on, and whether an event can be that one.

This is the one rule for both sides: `evolve` applies it before a command is decided, the read side before an event is
shown.
"""

from datetime import date
from typing import Final, Literal, assert_never, final
from uuid import UUID

import msgspec
from msgspec.structs import replace

from domain.accounts import Decline
from domain.errors import ImpossibleHistory
from domain.identifiers import AccountId
from domain.transfers import messages
from domain.transfers.events import (
    CreditDeclined,
    TransferCompleted,
    TransferCredited,
    TransferDebited,
    TransferEvent,
    TransferRefunded,
    TransferRefused,
    TransferRequested,
)

State = Literal["requested", "debited", "declined", "credited", "completed", "refused", "refunded"]
UNDER_WAY: Final[frozenset[State]] = frozenset(("requested", "debited", "declined", "credited"))
"""The states in which something is still to be done."""


@final
class Standing(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A transfer that was requested: its request, its state, the entries so far, and why it was declined.

    `amount` is in minor units of `currency`. Fields are only ever added at the end.
    """

    from_account: AccountId
    to_account: AccountId
    amount: int
    currency: str
    value_date: date
    note: str
    reference: str
    requested_by: UUID
    only_at: int | None
    reverses: UUID | None
    state: State = "requested"
    debit: UUID | None = None
    credit: UUID | None = None
    refund: UUID | None = None
    reason: Decline | None = None


def follow(standing: Standing | None, event: TransferEvent) -> Standing:
    """The standing after `event`. None: the transfer was never requested.

    Raises ImpossibleHistory if no decision could have led to `event` here.
    """
    match event:
        case TransferRequested():
            return _requested(standing, event)
        case TransferDebited():
            return replace(_at(standing, "requested"), state="debited", debit=event.entry_id)
        case TransferRefused():
            return replace(_at(standing, "requested"), state="refused", reason=event.reason)
        case TransferCredited():
            return replace(_at(standing, "debited"), state="credited", credit=event.entry_id)
        case TransferCompleted():
            return replace(_at(standing, "credited"), state="completed")
        case CreditDeclined():
            return replace(_at(standing, "debited"), state="declined", reason=event.reason)
        case TransferRefunded():
            return replace(_at(standing, "declined"), state="refunded", refund=event.entry_id)
        case _:
            assert_never(event)


def _requested(standing: Standing | None, event: TransferRequested) -> Standing:
    if standing is not None:
        raise ImpossibleHistory(messages.REQUESTED_ALREADY)
    return Standing(
        event.from_account,
        event.to_account,
        event.amount,
        event.currency,
        event.value_date,
        event.note,
        event.reference,
        event.requested_by,
        event.only_at,
        event.reverses,
    )


def _at(standing: Standing | None, state: State) -> Standing:
    if standing is None:
        raise ImpossibleHistory(messages.NOT_REQUESTED_BEFORE)
    if standing.state != state:
        raise ImpossibleHistory(messages.transfer_was(standing.state))
    return standing
