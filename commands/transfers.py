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

from commands.accounts import Accounts
from commands.cache import Cache, Loaded
from commands.deciding import NO_TERMS, Terms, WrongVersion
from commands.handler import Context, Handler, Outcome
from domain.accounts import ACCOUNTS, Decline, ReceiveMoney, SendMoney, TransferDeclined, Unopened, legs
from domain.accounts.checks import existing
from domain.decider import fold
from domain.identifiers import AccountId
from domain.money import Amount, exponent
from domain.transfers import (
    TRANSFERS,
    Completed,
    RecordAnswer,
    RequestTransfer,
    Transfer,
    TransferAlreadyReversed,
    TransferDebited,
    TransferEvent,
    TransferExists,
    TransferNotCompleted,
    UnknownTransfer,
    Unrequested,
    messages,
    next_step,
    transfer_id_of,
)
from eventstore.store import EventStore

FAILED: Final = frozenset(("refused", "refunded"))
"""States of a reversal after which another one may be requested."""


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
    """The request's place in the log. `repeated`: an earlier answer is given again.

    In a dry run of a new request `position` is None, and `declined` says why the other account would decline the money
    if it were asked now.
    """

    transfer_id: UUID
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
        """`terms` are about the paying account. If they name revisions, it is debited only at the current one.

        Raises UnknownAccount for either account, and what keeps the paying account from paying.
        """
        return await self._request(transfer_id_of(context.command_id), order, context, terms)

    async def reverse(
        self, transfer_id: UUID, booked_on: date, context: Context, terms: Terms = NO_TERMS
    ) -> TransferReceipt:
        """Request the transfer that undoes a completed one. Its id is made from the first one's, so there is one.

        If it fails, another one may be requested. `terms` are as in `request`: the paying account is the one that was
        paid. Raises UnknownTransfer, TransferNotCompleted, TransferAlreadyReversed.
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
        reversal_id = await self._reversal_of(transfer_id, context.command_id)
        try:
            return await self._request(reversal_id, order, context, terms, reverses=transfer_id)
        except TransferExists as error:
            said = messages.transfer_already_reversed(str(transfer_id), str(reversal_id))
            raise TransferAlreadyReversed(said) from error

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

    async def close(self) -> None:
        await self._handler.close()

    async def _request(
        self, transfer_id: UUID, order: Order, context: Context, terms: Terms, reverses: UUID | None = None
    ) -> TransferReceipt:
        known, declined = await self.state(transfer_id), None
        command = RequestTransfer(
            transfer_id=transfer_id,
            command_id=context.command_id,
            currency="" if isinstance(known, Unrequested) else known.standing.currency,
            reverses=reverses,
            **msgspec.structs.asdict(order),
        )
        if isinstance(known, Unrequested):
            command, declined = await self._checked(command, terms)
        (outcome,) = await self._handler.handle([command], [context], Terms(dry_run=terms.dry_run))
        return TransferReceipt(
            transfer_id=transfer_id,
            revision=outcome.revision,
            position=outcome.position,
            repeated=outcome.repeated,
            declined=declined,
        )

    async def _checked(
        self, command: RequestTransfer, terms: Terms
    ) -> tuple[RequestTransfer, Decline | None]:
        """`command` with what the paying account adds to it, and why the other account would decline now.

        Raises InvalidInput, UnknownAccount, WrongVersion, and what keeps the paying account from paying.
        """
        loaded = await self._accounts.loaded(command.from_account)
        wrong = terms.only_at is not None and loaded.revision not in terms.only_at
        if wrong and isinstance(loaded.state, Unopened):
            raise WrongVersion(ACCOUNTS.stream(command.from_account), loaded.revision)
        payer = existing(loaded.state, command.from_account)
        complete = msgspec.structs.replace(
            command,
            currency=payer.standing.currency,
            only_at=None if terms.only_at is None else loaded.revision,
        )
        send, receive = _steps(complete)
        if wrong:
            raise WrongVersion(ACCOUNTS.stream(command.from_account), loaded.revision)
        legs.sent(send, payer)
        payee = existing(await self._accounts.state(command.to_account), command.to_account)
        (answer,) = legs.receive(receive, payee)
        return complete, answer.reason if isinstance(answer, TransferDeclined) else None

    async def _reversal_of(self, transfer_id: UUID, command_id: UUID) -> UUID:
        """The id of the newest reversal that did not fail, or of this command's own, or of the next one."""
        for number in count():
            reversal_id = uuid5(transfer_id, f"reversal {number}")
            known = await self.state(reversal_id)
            if isinstance(known, Unrequested) or known.standing.state not in FAILED:
                return reversal_id
            if known.standing.requested_by == uuid5(command_id, str(reversal_id)):
                return reversal_id
        raise AssertionError  # `count` never ends


def _steps(command: RequestTransfer) -> tuple[SendMoney, ReceiveMoney]:
    """What the accounts will be asked for. Raises InvalidInput."""
    requested = fold(TRANSFERS, TRANSFERS.decide(command, TRANSFERS.initial))
    debited = TRANSFERS.evolve(
        requested, TransferDebited(transfer_id=command.transfer_id, entry_id=command.transfer_id)
    )
    send, receive = next_step(requested), next_step(debited)
    assert isinstance(send, SendMoney)
    assert isinstance(receive, ReceiveMoney)
    return send, receive
