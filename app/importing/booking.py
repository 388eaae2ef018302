"""A statement's transactions, booked through the write side: many accounts at a time, each transaction once.

What an interrupted run booked is recognised by its ids, so that the next one continues it.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final, TypeVar, cast
from uuid import UUID, uuid4

import msgspec

from app.importing.reconciling import Booked, Difference, reconcile
from app.importing.statement import Transaction
from app.messages import importing as messages
from commands.accounts import Accounts
from commands.handler import Context, TooContended
from domain.accounts import (
    ACCOUNTS,
    AccountCommand,
    AccountEvent,
    AccountIsClosed,
    MoneyDeposited,
    MoneyWithdrawn,
    change,
)
from eventstore.store import EventStore, StoreUnavailable, StreamStopped
from eventstore.streams import readable

_ACTOR: Final = "import"
_IN_FLIGHT: Final = 64
_CHUNK: Final = 4_096
_TOGETHER: Final = 256
"""Transactions of one account in one append: far below the largest size that the log accepts."""

_PAUSES: Final = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds between two tries if the log does not answer. This gives a node time to restart."""

_Item = TypeVar("_Item")
_Answer = TypeVar("_Answer")

Progress = Callable[[str, int, int], None]
"""Called with the name of the current work, the number of items done, and the number of all items."""


class StoppedAccount(msgspec.Struct, frozen=True):
    """An account on which `transactions` of the file could not be booked, and why."""

    account_id: str
    transactions: int
    reason: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """`exact`, `rounded`, `differing`, `wrong`, `differences`: see `reconciling.Reconciliation`."""

    transactions: int
    booked: int
    already_booked: int
    accounts: int
    exact: int
    rounded: int
    differing: int
    wrong: int
    seconds: float
    transactions_per_s: int
    differences: Sequence[Difference]
    stopped: Sequence[StoppedAccount]


async def book(store: EventStore, transactions: Sequence[Transaction], progress: Progress) -> Report:
    """Raises DomainError if a rule refuses a transaction, StoreError or TooContended if the log does not answer.

    The transactions that were booked until then stay booked; another run continues. An account that is stopped does not
    keep the others from being booked.
    """
    began = time.monotonic()
    accounts = sorted({transaction.command.account_id for transaction in transactions})
    before = await _booked_on(store, accounts, lambda n: progress(messages.LOOKING_UP, n, len(accounts)))
    missing = [each for each in transactions if each.command.effect_id not in before[each.command.account_id]]
    stopped: dict[str, StoppedAccount] = {}
    booked = await _book(
        Accounts(store), missing, stopped, lambda n: progress(messages.BOOKING, n, len(missing))
    )
    after = await _booked_on(store, accounts, lambda n: progress(messages.RECONCILING, n, len(accounts)))
    seconds = time.monotonic() - began
    return Report(
        transactions=len(transactions),
        booked=booked,
        already_booked=len(transactions) - booked - sum(each.transactions for each in stopped.values()),
        accounts=len(accounts),
        seconds=round(seconds, 3),
        transactions_per_s=round(len(transactions) / seconds),
        stopped=[stopped[account_id] for account_id in sorted(stopped)],
        **msgspec.structs.asdict(reconcile(transactions, after)),
    )


async def _booked_on(
    store: EventStore, accounts: Sequence[str], done: Callable[[int], None]
) -> Mapping[str, Booked]:
    """The state of each account in the log."""
    found: dict[str, Booked] = {}

    async def look_up(account_id: str) -> None:
        found[account_id] = await _insisting(lambda: _entries(store, account_id))
        done(len(found))

    await _all_of(look_up, accounts)
    return found


async def _entries(store: EventStore, account_id: str) -> Booked:
    """Of a stopped account: those that count."""
    amounts: dict[UUID, list[int]] = defaultdict(list)
    with suppress(StreamStopped):
        for recorded in await store.read_stream(ACCOUNTS.stream(account_id)):
            event = cast(AccountEvent, readable(recorded).event)
            if isinstance(event, MoneyDeposited | MoneyWithdrawn):
                amounts[event.entry_id].append(change(event))
    return amounts


async def _book(
    front: Accounts,
    transactions: Sequence[Transaction],
    stopped: dict[str, StoppedAccount],
    done: Callable[[int], None],
) -> int:
    """Returns how many were booked. Keeps the order on each account; finishes each chunk before the next one.

    Accounts that are stopped are added to `stopped`.
    """
    run = uuid4()
    answered = booked = 0

    async def book_together(commands: Sequence[AccountCommand]) -> None:
        nonlocal answered, booked
        contexts = [_context(command, run) for command in commands]
        outcomes = await _insisting(lambda: front.handle_all(commands, contexts))
        answered += len(outcomes)
        booked += sum(not outcome.repeated for outcome in outcomes)
        done(answered)

    async def book_account(commands: Sequence[AccountCommand]) -> None:
        account_id, left = commands[0].account_id, len(commands)
        before = stopped.get(account_id)
        if before is None:
            try:
                for together in _slices(commands, _TOGETHER):
                    await book_together(together)
                    left -= len(together)
                return
            except (StreamStopped, AccountIsClosed) as error:
                before = StoppedAccount(account_id, 0, str(error))
        stopped[account_id] = StoppedAccount(account_id, before.transactions + left, before.reason)

    for chunk in _slices(transactions, _CHUNK):
        await _all_of(book_account, _by_account(chunk))
    return booked


def _by_account(transactions: Iterable[Transaction]) -> Collection[Sequence[AccountCommand]]:
    commands: dict[str, list[AccountCommand]] = defaultdict(list)
    for transaction in transactions:
        commands[transaction.command.account_id].append(transaction.command)
    return commands.values()


def _context(command: AccountCommand, run: UUID) -> Context:
    return Context(
        command_id=command.command_id,
        correlation_id=str(run),
        causation_id=run,
        actor=_ACTOR,
        at=datetime.now(UTC),
    )


def _slices(items: Sequence[_Item], length: int) -> Iterator[Sequence[_Item]]:
    return (items[start : start + length] for start in range(0, len(items), length))


async def _all_of(do: Callable[[_Item], Awaitable[None]], items: Iterable[_Item]) -> None:
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


async def _insisting(attempt: Callable[[], Awaitable[_Answer]]) -> _Answer:
    for pause in _PAUSES:
        try:
            return await attempt()
        except (StoreUnavailable, TooContended):
            await asyncio.sleep(pause)
    return await attempt()
