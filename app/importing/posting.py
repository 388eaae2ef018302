"""Transactions, booked through the write side: many accounts at a time, in the order on each account."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final, TypeVar
from uuid import UUID, uuid4

import msgspec

from app.importing.statement import Transaction
from commands.accounts import Accounts
from commands.handler import Context, TooContended
from domain.accounts import AccountCommand, AccountIsClosed
from domain.money import format_amount
from eventstore.store import StoreUnavailable, StreamStopped

_ACTOR: Final = "import"
_IN_FLIGHT: Final = 64
_CHUNK: Final = 4_096
_TOGETHER: Final = 256
"""Transactions of one account in one append: far below the largest size that the log accepts."""

_PAUSES: Final = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds between two tries if the log does not answer. This gives a node time to restart."""

_Item = TypeVar("_Item")
_Answer = TypeVar("_Answer")


class StoppedAccount(msgspec.Struct, frozen=True):
    """An account on which `transactions` of the file could not be booked, and why."""

    account_id: str
    transactions: int
    reason: str


class RefusedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction that a rule refused, and why. `amount` is a decimal string with a sign."""

    line: int
    account: str
    amount: str
    reason: str


class Posting:
    """One run of an import. `booked` counts what it booked; `stopped` is by account id, `refused` by command id."""

    def __init__(self, front: Accounts, done: Callable[[int], None]) -> None:
        """`done` is called with the number of transactions that are done with."""
        self.booked = 0
        self.stopped: dict[str, StoppedAccount] = {}
        self.refused: dict[UUID, RefusedLine] = {}
        self._front = front
        self._done = done
        self._answered = 0
        self._run = uuid4()

    @property
    def not_booked(self) -> int:
        return len(self.refused) + sum(each.transactions for each in self.stopped.values())

    async def post(self, transactions: Sequence[Transaction]) -> None:
        """Keeps the order on each account; finishes each chunk before the next one."""
        for chunk in slices(transactions, _CHUNK):
            await all_of(self._on_account, _by_account(chunk))

    async def _on_account(self, transactions: Sequence[Transaction]) -> None:
        """Many together; on a closed account one by one, since another run may have booked some before that."""
        account_id, at, together = transactions[0].command.account_id, 0, _TOGETHER
        while at < len(transactions):
            some = transactions[at : at + together]
            if account_id in self.stopped:
                self._stop(account_id, len(transactions) - at)
                return
            try:
                await self._book(some)
            except StreamStopped as stopped:
                self.stopped[account_id] = StoppedAccount(account_id, 0, str(stopped))
                continue
            except AccountIsClosed as closed:
                if len(some) > 1:
                    together = 1
                    continue
                self._refuse(some[0], str(closed))
            at += len(some)

    def _stop(self, account_id: str, transactions: int) -> None:
        before = self.stopped[account_id]
        self.stopped[account_id] = StoppedAccount(
            account_id, before.transactions + transactions, before.reason
        )

    async def _book(self, transactions: Sequence[Transaction]) -> None:
        commands = [transaction.command for transaction in transactions]
        contexts = [self._context(command) for command in commands]
        outcomes = await insisting(lambda: self._front.handle_all(commands, contexts))
        self.booked += sum(not outcome.repeated for outcome in outcomes)
        self._answer(len(outcomes))

    def _refuse(self, transaction: Transaction, reason: str) -> None:
        command = transaction.command
        self.refused[command.command_id] = RefusedLine(
            line=transaction.line,
            account=command.account_id,
            amount=format_amount(command.amount, command.currency),
            reason=reason,
        )
        self._answer(1)

    def _answer(self, transactions: int) -> None:
        self._answered += transactions
        self._done(self._answered)

    def _context(self, command: AccountCommand) -> Context:
        return Context(
            command_id=command.command_id,
            correlation_id=str(self._run),
            causation_id=command.command_id,
            actor=_ACTOR,
            at=datetime.now(UTC),
        )


def _by_account(transactions: Iterable[Transaction]) -> Collection[Sequence[Transaction]]:
    found: dict[str, list[Transaction]] = defaultdict(list)
    for transaction in transactions:
        found[transaction.command.account_id].append(transaction)
    return found.values()


def slices(items: Sequence[_Item], length: int) -> Iterator[Sequence[_Item]]:
    return (items[start : start + length] for start in range(0, len(items), length))


async def all_of(do: Callable[[_Item], Awaitable[None]], items: Iterable[_Item]) -> None:
    """Runs `do` for each, a limited number at a time. The first failure ends all and is raised."""
    slots = asyncio.Semaphore(_IN_FLIGHT)

    async def one(item: _Item) -> None:
        async with slots:
            await do(item)

    try:
        async with asyncio.TaskGroup() as group:
            for item in items:
                group.create_task(one(item))
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None


async def insisting(attempt: Callable[[], Awaitable[_Answer]]) -> _Answer:
    for pause in _PAUSES:
        try:
            return await attempt()
        except (StoreUnavailable, TooContended):
            await asyncio.sleep(pause)
    return await attempt()
