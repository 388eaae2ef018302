"""Deposits by the library `eventsourcing` with SQLite and its cache of aggregates, in process and without HTTP.

    python -m benchmarks.commands.peer SECONDS ACCOUNTS

Prints deposits per second and microseconds of CPU for each as JSON. It has SQLite's write-ahead log and its default
`synchronous=FULL`: each deposit is on the disk before the next one begins.
"""

import json
import random
import sys
import tempfile
import time
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

HIGHEST = 10**15
WARM_UP = 1.0


class Account(Aggregate):
    @event("Opened")
    def __init__(self, name: str) -> None:
        self.name = name
        self.balance = 0

    @staticmethod
    def create_id(name: str) -> UUID:
        return uuid5(NAMESPACE_URL, name)

    def deposit(self, amount: int, note: str) -> None:
        balance = self.balance + amount
        if amount <= 0 or balance > HIGHEST:
            raise ValueError("The amount is not positive, or the balance would be too high.")
        self._deposited(amount, note, balance)

    @event("Deposited")
    def _deposited(self, amount: int, note: str, balance: int) -> None:
        self.balance = balance


class Bank(Application[UUID]):
    def deposit(self, account_id: UUID, amount: int, note: str) -> None:
        account: Account = self.repository.get(account_id)
        account.deposit(amount, note)
        self.save(account)


def main(seconds: float, accounts: int) -> None:
    with tempfile.TemporaryDirectory(prefix="daybook-bench-") as folder:
        bank = Bank(
            env={
                "PERSISTENCE_MODULE": "eventsourcing.sqlite",
                "SQLITE_DBNAME": f"{folder}/log.sqlite",
                "AGGREGATE_CACHE_MAXSIZE": str(2 * accounts),
            }
        )
        opened = [Account(f"w{n:04}") for n in range(accounts)]
        bank.save(*opened)
        ids = [account.id for account in opened]
        for account_id in ids:
            bank.repository.get(account_id)
        deposits(bank, ids, WARM_UP)
        print(json.dumps(deposits(bank, ids, seconds)))
        bank.close()


def deposits(bank: Bank, ids: list[UUID], seconds: float) -> dict[str, float]:
    began, cpu, count = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() - began < seconds:
        bank.deposit(random.choice(ids), 1250, "load")
        count += 1
    wall = time.perf_counter() - began
    return {"per_s": count / wall, "cpu": 1e6 * (time.process_time() - cpu) / count}


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]))
