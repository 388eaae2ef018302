"""Another program, in a process of its own, that appends to one account again and again, through esdbclient.

It reads only after a conflict. On standard output it says when it has begun; when its standard input is closed it ends,
and says how many events it has appended.
"""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from esdbclient import EventStoreDBClient, NewEvent
from esdbclient.exceptions import WrongCurrentVersion

from domain.accounts import ACCOUNTS, MoneyDeposited
from domain.identifiers import AccountId
from eventstore import codec
from tests.kit.accounts import DAY, an_id, entry_id
from tests.kit.journal import metadata_of
from tests.kit.node import PROJECT

BEGUN = 20
PAUSE = 0.002
"""Seconds between two appends: without them, who wins depends on how many other processes the machine runs."""


class Busy:
    """`appended`, once it has ended: how many events it wrote."""

    appended = 0


@contextmanager
def busy_program(uri: str, account: AccountId) -> Iterator[Busy]:
    command = [sys.executable, "-m", "tests.kit.busy", uri, account]
    busy = Busy()
    with subprocess.Popen(
        command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        try:
            yield busy
        finally:
            out, _ = process.communicate(timeout=30)
    busy.appended = int(out)


def main(uri: str, account: AccountId) -> None:
    ended = threading.Event()
    threading.Thread(target=_await_end, args=(ended,), daemon=True).start()
    with EventStoreDBClient(uri) as client:
        print(_append_until(client, account, ended))


def _await_end(ended: threading.Event) -> None:
    sys.stdin.read()
    ended.set()


def _append_until(client: EventStoreDBClient, account: AccountId, ended: threading.Event) -> int:
    appended, (revision, balance) = 0, _last(client, account)
    while not ended.is_set():
        event = _deposit(account, appended, balance + 1)
        try:
            client.append_to_stream(ACCOUNTS.stream(account), current_version=revision, events=[event])
        except WrongCurrentVersion:
            revision, balance = _last(client, account)
            continue
        ended.wait(PAUSE)
        appended, revision, balance = appended + 1, revision + 1, balance + 1
        if appended == BEGUN:
            print("begun", flush=True)
    return appended


def _last(client: EventStoreDBClient, account: AccountId) -> tuple[int, int]:
    """Revision and balance."""
    (last,) = client.get_stream(ACCOUNTS.stream(account), backwards=True, limit=1)
    return last.stream_position, msgspec.json.decode(last.data)["balance"]


def _deposit(account: AccountId, number: int, balance: int) -> NewEvent:
    event = MoneyDeposited(
        account_id=account,
        entry_id=entry_id(-1 - number, account),
        amount=1,
        currency="CZK",
        balance=balance,
        value_date=DAY,
    )
    new = codec.encode(event, metadata_of(an_id(-1 - number)), 0)
    return NewEvent(type=new.type, data=new.data, metadata=new.metadata)


if __name__ == "__main__":
    main(sys.argv[1], AccountId(sys.argv[2]))
