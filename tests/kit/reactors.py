"""Reactors for tests, as processes or in this one, and holds for them to expire."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import msgspec

from commands.accounts import Accounts, Receipt
from commands.transfers import Transfers
from commands.users import Users
from domain.accounts import ACCOUNTS, AccountEvent, HoldCaptured, HoldExpired, HoldReleased, PlaceHold
from domain.identifiers import AccountId
from domain.money import Amount
from eventstore.personal.keys import KeyStore
from eventstore.store import EventLog, EventStore
from reactors import REACTORS
from reactors.lease import Fenced, Lease
from reactors.reactor import Reactor, Tools
from reactors.runner import Work, run_all
from tests.kit.accounts import deposit, events_of
from tests.kit.contexts import context_of
from tests.kit.parts import Part

YESTERDAY = datetime.now(UTC) - timedelta(days=1)


class Log(msgspec.Struct, frozen=True):
    """Both ports to one log that has only what the test writes."""

    store: EventStore
    open_log: Callable[[], EventLog]
    keys: KeyStore


@contextmanager
def reactor(esdb_uri: str, says: Path) -> Iterator[Part]:
    made = Part("reactor", says, DAYBOOK_ESDB_URI=esdb_uri)
    try:
        yield made
    finally:
        made.kill()


@asynccontextmanager
async def reacting(
    log: Log, reactors: Sequence[Reactor] = REACTORS, *, clock: Callable[[], datetime] | None = None
) -> AsyncIterator[Tools]:
    """Runs them in this process, with a checkpoint as soon as anything is read."""
    lease = Lease(log.store)
    store = Fenced(log.store, lease)
    accounts = Accounts(store)
    tools = Tools(
        store=store, accounts=accounts, users=Users(store, log.keys), transfers=Transfers(store, accounts)
    )
    if clock:
        tools = msgspec.structs.replace(tools, now=clock)
    running = asyncio.create_task(
        run_all(reactors, Work(open_log=log.open_log, tools=tools, lease=lease, save_every=0.05))
    )
    try:
        yield tools
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def until(is_so: Callable[[], object], seconds: float = 20.0) -> None:
    """Waits until `is_so()` is true; it may be a coroutine function."""
    deadline = time.monotonic() + seconds
    while True:
        found = is_so()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return
        assert time.monotonic() < deadline, "not within the time"
        await asyncio.sleep(0.02)


async def place_holds(
    store: EventStore,
    account: str,
    expiries: Sequence[datetime | None],
    *,
    at: datetime = YESTERDAY,
    correlation_id: str = "",
) -> list[Receipt]:
    """One hold for each of `expiries`, placed at `at`. Opens the account."""
    front = Accounts(store)
    opening = deposit(uuid4().int, 1_000_000, account=account)
    await front.handle(opening, context_of(opening))
    commands = [
        PlaceHold(
            account_id=AccountId(account), command_id=uuid4(), amount=Amount(100, 2), at=at, expires=expires
        )
        for expires in expiries
    ]
    receipts: list[Receipt] = []
    for start in range(0, len(commands), 200):
        some = commands[start : start + 200]
        contexts = [context_of(each) for each in some]
        if correlation_id:
            contexts = [msgspec.structs.replace(each, correlation_id=correlation_id) for each in contexts]
        receipts += await front.handle_all(some, contexts)
    return receipts


def position_of(receipt: Receipt) -> int:
    """Of a command that was not a dry run."""
    assert receipt.position is not None
    return receipt.position


async def events_on(store: EventStore, account: str) -> list[AccountEvent]:
    return events_of(await store.read_stream(ACCOUNTS.stream(account)))


async def endings(store: EventStore, accounts: Sequence[str]) -> Counter[UUID]:
    """How often each hold of these accounts has ended."""
    ended: Counter[UUID] = Counter()
    for account in accounts:
        for event in await events_on(store, account):
            if isinstance(event, HoldCaptured | HoldReleased | HoldExpired):
                ended[event.hold_id] += 1
    return ended
