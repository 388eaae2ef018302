"""The front of the aggregate `transfer`: requests in, receipts out, and the answers of accounts.

A request is decided on three streams: the paying account has to be able to pay now, the other one has to exist, and
the transfer has to be new. Whether the money is sent and taken is decided by each account, when the process manager
asks it (`domain.transfers.process`).
"""

from datetime import date
from itertools import count
from typing import Final
from uuid import UUID, uuid5

import msgspec

from commands.accounts import Accounts, Receipt
from commands.booking import Outcome
from commands.cache import Cache, Loaded
from commands.checking import checked
from commands.context import Context
from commands.deciding import NO_TERMS, Terms, WrongVersion
from commands.handler import Handler
from domain.accounts import Decline, EntryOfTransfer, ReverseEntry
from domain.errors import DomainError
from domain.identifiers import AccountId
from domain.money import Amount, exponent
from domain.transfers import (
    TRANSFERS,
    Completed,
    RecordAnswer,
    RequestTransfer,
    Transfer,
    TransferAlreadyReversed,
    TransferEvent,
    TransferExists,
    TransferNotCompleted,
    TransferRequested,
    UnknownTransfer,
    Unrequested,
    messages,
    transfer_id_of,
)
from eventstore.store import EventStore, Recorded

FAILED: Final = frozenset(("refused", "refunded"))
"""States in which a transfer has ended, and the money is where it was. Of a reversal: another one may be requested."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What a transfer is to do. `booked_on` is the day of the command, and the value date unless there is one."""

    from_account: AccountId
    to_account: AccountId
    amount: Amount
    booked_on: date
    value_date: date | None = None
    note: str = ""
    reference: str = ""


class TransferReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """What was requested, and its place in the log. `amount` is in minor units of `currency`, above zero.

    `repeated`: an earlier answer is given again. In a dry run of a new request `position` is None, and `declined` says
    why the receiving account would decline the money if it were asked now.
    """

    transfer_id: UUID
    from_account: AccountId
    to_account: AccountId
    amount: int
    currency: str
    revision: int
    position: int | None
    repeated: bool
    declined: Decline | None = None


class Transfers:
    """Raises as `commands.handler.Handler` does."""

    def __init__(self, store: EventStore, accounts: Accounts, *, cache: Cache | None = None) -> None:
        self._handler = Handler(TRANSFERS, store, cache=cache)
        self._accounts = accounts

    async def request(self, order: Order, context: Context, terms: Terms = NO_TERMS) -> TransferReceipt:
        """`terms` are about the paying account. If they name revisions, it is debited only at the current one; with
        ANY at any.

        Raises UnknownAccount for either account, and what keeps the paying account from paying.
        """
        return await self._request(transfer_id_of(context.command_id), order, context, terms)

    async def reverse(
        self,
        transfer_id: UUID,
        booked_on: date,
        context: Context,
        terms: Terms = NO_TERMS,
        *,
        about: AccountId | None = None,
    ) -> TransferReceipt:
        """Request the transfer that undoes a completed one. Its id is made from the first one's, so there is one.

        If it fails, another one may be requested. `terms` are as in `request`: the paying account is the one that was
        paid. If they are `about` the other account, they are about now, and not about the time of the debit.

        Raises UnknownTransfer, TransferNotCompleted, TransferAlreadyReversed, and what `request` raises.
        """
        first = await self.state(transfer_id)
        if isinstance(first, Unrequested):
            raise UnknownTransfer(messages.unknown_transfer(str(transfer_id)))
        standing = first.standing
        if not isinstance(first, Completed):
            raise TransferNotCompleted(messages.transfer_not_completed(str(transfer_id), standing.state))
        order = Order(
            from_account=standing.to_account,
            to_account=standing.from_account,
            amount=Amount(standing.amount, exponent(standing.currency)),
            booked_on=booked_on,
        )
        reversal_id, _ = await self._reversal(transfer_id, context.command_id)
        try:
            return await self._request(reversal_id, order, context, terms, about=about, reverses=transfer_id)
        except TransferExists as error:
            said = messages.transfer_already_reversed(str(transfer_id), str(reversal_id))
            raise TransferAlreadyReversed(said) from error

    async def reverse_entry(
        self, command: ReverseEntry, context: Context, terms: Terms = NO_TERMS
    ) -> Receipt | TransferReceipt:
        """Undo an entry; if it is a transfer's, the whole transfer. `terms` are about the account of the entry."""
        try:
            return await self._accounts.handle(command, context, terms)
        except EntryOfTransfer as entry:
            return await self.reverse(
                entry.transfer_id, command.booked_on, context, terms, about=command.account_id
            )

    async def reversed_by(self, transfer_id: UUID) -> UUID | None:
        """The id of the transfer that undoes it, or is about to."""
        reversal_id, reversal = await self._reversal(transfer_id)
        return None if isinstance(reversal, Unrequested) else reversal_id

    async def record(self, command: RecordAnswer, context: Context) -> Outcome[TransferEvent]:
        """What an account has answered. Nothing happens if that was recorded before."""
        (outcome,) = await self._handler.handle([command], [context])
        return outcome

    async def state(self, transfer_id: UUID) -> Transfer:
        """The transfer's state as the log holds it now."""
        return (await self.loaded(transfer_id)).state

    async def loaded(self, transfer_id: UUID) -> Loaded[Transfer]:
        return await self._handler.loaded(str(transfer_id))

    def forget(self, stream: str) -> None:
        self._handler.forget(stream)

    def forget_all(self) -> None:
        self._handler.forget_all()

    def follow(self, recorded: Recorded) -> None:
        self._handler.follow(recorded)

    async def close(self) -> None:
        await self._handler.close()

    async def _request(
        self,
        transfer_id: UUID,
        order: Order,
        context: Context,
        terms: Terms,
        *,
        about: AccountId | None = None,
        reverses: UUID | None = None,
    ) -> TransferReceipt:
        command = RequestTransfer(
            transfer_id=transfer_id,
            command_id=context.command_id,
            currency="",
            reverses=reverses,
            **msgspec.structs.asdict(order),
        )
        command, declined = await self._complete(command, terms, about or order.from_account)
        (outcome,) = await self._handler.handle([command], [context], Terms(dry_run=terms.dry_run))
        return _receipt(outcome, declined)

    async def _complete(
        self, command: RequestTransfer, terms: Terms, about: AccountId
    ) -> tuple[RequestTransfer, Decline | None]:
        """As `checked`. Of a transfer that was requested before nothing is checked: its money may be gone by now."""
        known = await self.state(command.transfer_id)
        if isinstance(known, Unrequested):
            try:
                return await checked(self._accounts, command, terms, about)
            except (DomainError, WrongVersion):
                known = await self.state(command.transfer_id)
                if isinstance(known, Unrequested):
                    raise
        return msgspec.structs.replace(command, currency=known.standing.currency), None

    async def _reversal(self, transfer_id: UUID, command_id: UUID | None = None) -> tuple[UUID, Transfer]:
        """The newest reversal that did not fail, or this command's own, or the next one, which is Unrequested."""
        for number in count():
            reversal_id = uuid5(transfer_id, f"reversal {number}")
            known = await self.state(reversal_id)
            if isinstance(known, Unrequested) or known.standing.state not in FAILED:
                return reversal_id, known
            if command_id and known.standing.requested_by == uuid5(command_id, str(reversal_id)):
                return reversal_id, known
        raise AssertionError  # `count` never ends


def _receipt(outcome: Outcome[TransferEvent], declined: Decline | None) -> TransferReceipt:
    event = outcome.event
    assert isinstance(event, TransferRequested)
    return TransferReceipt(
        transfer_id=event.transfer_id,
        from_account=event.from_account,
        to_account=event.to_account,
        amount=event.amount,
        currency=event.currency,
        revision=outcome.revision,
        position=outcome.position,
        repeated=outcome.repeated,
        declined=declined,
    )
