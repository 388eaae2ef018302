"""Accounts with long histories take deposits as fast as accounts with short ones; and how long one takes to load."""

from pathlib import Path
from typing import Final

from benchmarks import loading
from benchmarks.commands.extent import Extent, progress
from benchmarks.commands.http import connect
from benchmarks.commands.rows import Row, ratio, rounded, row
from benchmarks.commands.wrk import CONNECTIONS, load
from benchmarks.kit import Daybook, daybook
from commands.accounts import Accounts
from domain.identifiers import AccountId
from eventstore.esdb import EsdbStore

ACCOUNTS: Final = 8
SHORT: Final = 10
"""Entries of an account with a short history before the run. Each run has new ones."""


async def measured(extent: Extent, wrk: Path) -> list[Row]:
    with daybook() as running:
        await fill(running, extent)
        await warm_up(running)
        short, long = [], []
        for run in range(extent.runs):
            progress("short and long histories", run, extent.runs)
            short.append(load(running, wrk, extent.seconds, ACCOUNTS, f"short-{run}-").per_s)
            long.append(load(running, wrk, extent.seconds, ACCOUNTS, "long").per_s)
    each = extent.entries // ACCOUNTS
    what = f"deposits, {CONNECTIONS} connections, {ACCOUNTS} accounts"
    return [
        row(f"{what} of {SHORT} entries", short, "1/s"),
        row(f"{what} of {each:,} entries", long, "1/s"),
        ratio("long histories to short ones", long, short, "1"),
    ]


async def fill(running: Daybook, extent: Extent) -> None:
    store = EsdbStore(running.addresses()["esdb_uri"])
    accounts = Accounts(store)
    for n in range(ACCOUNTS):
        await loading.fill(accounts, AccountId(f"long{n:04}"), extent.entries // ACCOUNTS)
        for run in range(extent.runs):
            await loading.fill(accounts, AccountId(f"short-{run}-{n:04}"), SHORT)
    await store.close()


async def warm_up(running: Daybook) -> None:
    """Each long account is in memory afterwards: what loading it takes is measured for itself."""
    connection = await connect(running.port)
    for n in range(ACCOUNTS):
        await connection.deposit(f"long{n:04}")
    await connection.close()


async def loaded(extent: Extent) -> list[Row]:
    """As the benchmark `loading` measures it."""
    with daybook() as running:
        rows = await loading.measured(running, extent.entries)
    return [as_row(each, extent.entries) for each in rows]


def as_row(each: dict[str, object], entries: int) -> Row:
    way, _, target = str(each["what"]).rstrip(")").partition(" (target ")
    spread = {name: rounded(float(str(each[name]))) for name in ("median", "least", "most")}
    return {
        "what": f"load an account of {entries:,} entries, {way}",
        **spread,
        "unit": "ms",
        "target": f"at most {target}",
    }
