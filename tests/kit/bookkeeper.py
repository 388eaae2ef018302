"""Commands that arrive steadily at a log, from a process of its own: `python -m tests.kit.bookkeeper URI`.

Prints how many were booked, once its input ends. A command whose outcome is unknown is given again until it is known.
"""

import asyncio
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import uuid4

from commands.accounts import Accounts
from domain.accounts import RecordEntry
from domain.identifiers import AccountId
from eventstore.esdb import EsdbStore
from eventstore.store import StoreUnavailable
from tests.kit.contexts import context_of
from tests.kit.node import PROJECT

ACCOUNTS = 40
WRITERS = 4
PAUSE = 0.004


class Bookkeeper:
    """`booked` is known after its end."""

    booked = 0


@contextmanager
def bookkeeping(uri: str) -> Iterator[Bookkeeper]:
    """Sends commands during the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.kit.bookkeeper", uri],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    made = Bookkeeper()
    try:
        assert process.stdout
        assert process.stdout.readline() == "Begun\n"
        yield made
        out, _ = process.communicate(timeout=30)
        made.booked = int(out)
        assert process.returncode == 0
    finally:
        process.kill()
        process.communicate()


async def book(accounts: Accounts, chance: random.Random, ended: asyncio.Event) -> int:
    booked = 0
    while not ended.is_set():
        number = chance.randrange(ACCOUNTS)
        command = RecordEntry(
            account_id=AccountId(f"acc-{number}"),
            command_id=uuid4(),
            amount=chance.choice((1, -1)) * chance.randrange(1, 10**7),
            currency=("CZK", "EUR", "JPY")[number % 3],
            booked_on=datetime.now(UTC).date(),
            note=f"entry {booked}",
        )
        await surely(accounts, command)
        booked += 1
        await asyncio.sleep(PAUSE)
    return booked


async def surely(accounts: Accounts, command: RecordEntry) -> None:
    while True:
        try:
            await accounts.handle(command, context_of(command))
            return
        except StoreUnavailable:
            await asyncio.sleep(0.1)


async def main(uri: str) -> None:
    store = EsdbStore(uri)
    accounts, ended = Accounts(store), asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin, ended.set)
    await surely(accounts, first())
    print("Begun", flush=True)
    booked = await asyncio.gather(*(book(accounts, random.Random(seed), ended) for seed in range(WRITERS)))
    print(sum(booked) + 1)
    await store.close()


def first() -> RecordEntry:
    return RecordEntry(
        account_id=AccountId("acc-0"),
        command_id=uuid4(),
        amount=1,
        currency="CZK",
        booked_on=datetime.now(UTC).date(),
    )


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
