"""Loading an account with a long history, as a web process does before it decides: in ms, for each of the three paths.

Each load also asks the log for what is new. `from a snapshot` and `cold` begin with nothing in memory, but with
connections that are open.
"""

import asyncio
import statistics
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from uuid import uuid4

from benchmarks.kit import Daybook, daybook, percentile, report, spread
from commands.accounts import Accounts
from commands.context import Context
from domain.accounts import RecordEntry
from domain.identifiers import AccountId
from eventstore.esdb import EsdbStore
from projections.engine.clients import reader
from projections.engine.snapshots import RedisSnapshots

ENTRIES = 100_000
AT_ONCE = 1_000
SETTLE = 1.0
SETTLE_AN_ENTRY = 0.0001
"""Seconds until the snapshot is written and the read models reach the end of the log, and for each entry."""
RUNS = 101
COLD_RUNS = 9
ACCOUNT = AccountId("long")


def main() -> None:
    with daybook() as running:
        rows = asyncio.run(measured(running))
    report(f"loading an account of {ENTRIES:,} entries, ms", rows)


async def measured(running: Daybook, entries: int = ENTRIES) -> list[dict[str, object]]:
    addresses = running.addresses()
    store = EsdbStore(addresses["esdb_uri"])
    await fill(Accounts(store), ACCOUNT, entries)
    plain = Accounts(store)
    kept = Accounts(store, snapshots=RedisSnapshots(reader(addresses["redis_url"])))
    await kept.state(ACCOUNT)
    await asyncio.sleep(SETTLE + entries * SETTLE_AN_ENTRY)
    rows = [
        await row("in memory (target 1)", kept, RUNS, lambda: None),
        await row("from a snapshot (target 3)", kept, RUNS, kept.forget_all),
        await row("cold (target 1,000)", plain, COLD_RUNS, plain.forget_all),
    ]
    await kept.close()
    await store.close()
    return rows


async def row(what: str, accounts: Accounts, runs: int, before: Callable[[], None]) -> dict[str, object]:
    times = [await timed(accounts, before) for _ in range(runs)]
    walls, cpus = zip(*times, strict=True)
    return {
        "what": what,
        **spread(walls),
        "p95": percentile(walls, 0.95),
        "median CPU of the process": statistics.median(cpus),
    }


async def timed(accounts: Accounts, before: Callable[[], None]) -> tuple[float, float]:
    """Wall and CPU, in ms."""
    before()
    wall, cpu = time.perf_counter(), time.process_time()
    await accounts.state(ACCOUNT)
    return 1_000 * (time.perf_counter() - wall), 1_000 * (time.process_time() - cpu)


async def fill(accounts: Accounts, account_id: AccountId, entries: int) -> None:
    """The account is opened by its first entry. All entries are deposits of one minor unit."""
    for start in range(0, entries, AT_ONCE):
        commands = [entry(account_id) for _ in range(min(AT_ONCE, entries - start))]
        await accounts.handle_all(commands, [context_of(command) for command in commands])


def entry(account_id: AccountId) -> RecordEntry:
    return RecordEntry(
        account_id=account_id, command_id=uuid4(), amount=1, currency="CZK", booked_on=date(2026, 1, 5)
    )


def context_of(command: RecordEntry) -> Context:
    return Context(
        command_id=command.command_id,
        correlation_id=str(command.command_id),
        causation_id=command.command_id,
        actor="benchmark",
        at=datetime.now(UTC),
    )


if __name__ == "__main__":
    main()
