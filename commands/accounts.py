"""The front of the aggregate `account`: commands in, receipts out."""

from collections.abc import Sequence
from typing import assert_never
from uuid import UUID

import msgspec

from commands.handler import Context, Handler, Outcome
from commands.repository import KEPT
from domain.accounts import (
    ACCOUNTS,
    Account,
    AccountCommand,
    AccountCreated,
    AccountEvent,
    MoneyDeposited,
    MoneyWithdrawn,
    change,
)
from domain.identifiers import AccountId
from eventstore.store import EventStore


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """The effect of a command at that time. `amount` (with its sign) and `balance` are minor units of `currency`.

    `entry_id` and `amount` are None if no money moved. `repeated`: an earlier answer is given again.
    """

    account_id: AccountId
    entry_id: UUID | None
    amount: int | None
    balance: int
    currency: str
    revision: int
    position: int
    repeated: bool


class Accounts:
    """Raises as `commands.handler.Handler` does."""

    def __init__(self, store: EventStore, *, kept: int = KEPT) -> None:
        self._handler = Handler(ACCOUNTS, store, kept=kept)

    async def handle(self, command: AccountCommand, context: Context) -> Receipt:
        (receipt,) = await self.handle_all([command], [context])
        return receipt

    async def handle_all(
        self, commands: Sequence[AccountCommand], contexts: Sequence[Context]
    ) -> Sequence[Receipt]:
        """Commands on one account, in one append: all of them, or nothing."""
        return [_receipt(outcome) for outcome in await self._handler.handle(commands, contexts)]

    async def state(self, account_id: AccountId) -> Account:
        """The account's state as the log holds it now."""
        return await self._handler.state(account_id)

    def forget(self, stream: str) -> None:
        self._handler.forget(stream)

    def forget_all(self) -> None:
        self._handler.forget_all()


def _receipt(outcome: Outcome[AccountEvent]) -> Receipt:
    event = outcome.event
    match event:
        case AccountCreated():
            entry_id, amount, balance = None, None, 0
        case MoneyDeposited() | MoneyWithdrawn():
            entry_id, amount, balance = event.entry_id, change(event), event.balance
        case _:
            assert_never(event)
    return Receipt(
        account_id=event.account_id,
        entry_id=entry_id,
        amount=amount,
        balance=balance,
        currency=event.currency,
        revision=outcome.revision,
        position=outcome.position,
        repeated=outcome.repeated,
    )
