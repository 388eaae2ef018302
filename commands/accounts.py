"""The front of the aggregate `account`: commands in, receipts out."""

from collections.abc import Sequence
from typing import Any, assert_never
from uuid import UUID

import msgspec

from commands.booking import Outcome
from commands.cache import Cache, Loaded
from commands.context import Context
from commands.deciding import NO_TERMS, Terms
from commands.handler import Handler
from commands.snapshots import Snapshots
from domain.accounts import (
    ACCOUNTS,
    Account,
    AccountClosed,
    AccountCommand,
    AccountCreated,
    AccountEvent,
    AccountFrozen,
    AccountUnfrozen,
    Entry,
    EntryReversed,
    HoldCaptured,
    HoldEvent,
    HoldExpired,
    HoldPlaced,
    HoldReleased,
    Leg,
    MoneyDeposited,
    MoneyReceived,
    MoneyReturned,
    MoneySent,
    MoneyWithdrawn,
    OverdraftLimitChanged,
    ReverseEntry,
    TransferCommand,
    TransferDeclined,
    moved,
)
from domain.identifiers import AccountId
from eventstore.store import EventStore, Recorded


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """The effect of a command at that time. Money is in minor units of `currency`; `amount` has a sign.

    `entry_id` and `amount` are None if no money moved; `hold_id`, `held` and `available` if it was not about a hold.
    `position` and `event_id`, that of the last event, are None if nothing was appended: in a dry run of a new command.
    `repeated`: an earlier answer is given again.
    """

    account_id: AccountId
    entry_id: UUID | None = None
    hold_id: UUID | None = None
    amount: int | None = None
    balance: int
    held: int | None = None
    available: int | None = None
    currency: str
    revision: int
    position: int | None
    event_id: UUID | None
    repeated: bool


class Accounts:
    """Raises as `commands.handler.Handler` does."""

    def __init__(
        self, store: EventStore, *, cache: Cache | None = None, snapshots: Snapshots | None = None
    ) -> None:
        self._handler = Handler(ACCOUNTS, store, cache=cache, snapshots=snapshots)

    async def handle(self, command: AccountCommand, context: Context, terms: Terms = NO_TERMS) -> Receipt:
        (receipt,) = await self.handle_all([command], [context], terms)
        return receipt

    async def handle_all(
        self, commands: Sequence[AccountCommand], contexts: Sequence[Context], terms: Terms = NO_TERMS
    ) -> Sequence[Receipt]:
        """Commands on one account, in one append: all of them, or nothing.

        Raises EntryOfTransfer whatever the account's revision: the terms of a transfer's reversal are for the transfer.
        """
        complete = [await self._with_entry(each) for each in commands]
        if any(type(each) is ReverseEntry and isinstance(each.entry, Leg) for each in complete):
            terms = msgspec.structs.replace(terms, only_at=None)
        return [_receipt(outcome) for outcome in await self._handler.handle(complete, contexts, terms)]

    async def _with_entry(self, command: AccountCommand) -> AccountCommand:
        """A reversal needs the entry that it undoes."""
        if type(command) is not ReverseEntry:
            return command
        found = await self._handler.find(command.account_id, command.entry_id)
        entry = found if isinstance(found, Entry) else None
        return msgspec.structs.replace(command, entry=entry)

    async def state(self, account_id: AccountId) -> Account:
        """The account's state as the log holds it now."""
        return await self._handler.state(account_id)

    async def loaded(self, account_id: AccountId) -> Loaded[Account]:
        return await self._handler.loaded(account_id)

    async def ask(
        self, command: TransferCommand, context: Context, terms: Terms = NO_TERMS
    ) -> Outcome[AccountEvent]:
        """The account's answer: for its part in a transfer."""
        (outcome,) = await self._handler.handle([command], [context], terms)
        return outcome

    def forget(self, stream: str) -> None:
        self._handler.forget(stream)

    def forget_all(self) -> None:
        self._handler.forget_all()

    def follow(self, recorded: Recorded) -> None:
        self._handler.follow(recorded)

    async def close(self) -> None:
        await self._handler.close()


def _receipt(outcome: Outcome[AccountEvent]) -> Receipt:
    event = outcome.event
    return Receipt(
        account_id=event.account_id,
        currency=event.currency,
        amount=moved(event),
        revision=outcome.revision,
        position=outcome.position,
        event_id=outcome.event_id,
        repeated=outcome.repeated,
        **_figures(event),
    )


def _figures(event: AccountEvent) -> dict[str, Any]:
    match event:
        case AccountCreated():
            return {"balance": 0}
        case MoneyDeposited() | MoneyWithdrawn() | EntryReversed():
            return {"entry_id": event.entry_id, "balance": event.balance}
        case MoneySent() | MoneyReceived() | MoneyReturned():
            return {"entry_id": event.entry_id, "balance": event.balance}
        case HoldCaptured():
            return {"entry_id": event.entry_id, **_of_hold(event)}
        case HoldPlaced() | HoldReleased() | HoldExpired():
            return _of_hold(event)
        case AccountFrozen() | AccountUnfrozen() | AccountClosed() | OverdraftLimitChanged():
            return {"balance": event.balance}
        case TransferDeclined():
            return {"balance": event.balance}
        case _:
            assert_never(event)


def _of_hold(event: HoldEvent) -> dict[str, Any]:
    return {
        "hold_id": event.hold_id,
        "balance": event.balance,
        "held": event.held,
        "available": event.balance - event.held + event.overdraft,
    }
