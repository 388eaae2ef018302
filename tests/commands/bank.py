"""Shared by tests of streams that another program changes."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import msgspec
import pytest
import pytest_asyncio
from esdbclient import EventStoreDBClient, StreamState

from commands.accounts import Accounts
from commands.relay import Relay
from commands.watching import watch
from domain.identifiers import AccountId
from eventstore.esdb import EsdbLog, EsdbStore
from eventstore.store import Recorded, StreamStopped
from tests.kit.accounts import deposit
from tests.kit.contexts import context_of
from tests.kit.following import PATIENCE
from tests.kit.node import Node

LIMITS: list[dict[str, Any]] = [{"$maxCount": 1}, {"$tb": 1}, {"$maxAge": 3_600}]


class Bank(msgspec.Struct, frozen=True):
    """The write side on a node, what another program uses, and an account with two events."""

    uri: str
    accounts: Accounts
    other: EventStoreDBClient
    account: AccountId

    @property
    def stream(self) -> str:
        return f"account-{self.account}"

    def limit(self, metadata: dict[str, Any]) -> None:
        self.other.set_stream_metadata(self.stream, metadata=metadata, current_version=StreamState.ANY)

    async def give(self, number: int, accounts: Accounts | None = None) -> int:
        return await give(accounts or self.accounts, number, self.account)


async def give(accounts: Accounts, number: int, account: str) -> int:
    """Deposit 1.00; returns the balance."""
    command = deposit(number, 100, account=account)
    return (await accounts.handle(command, context_of(command))).balance


@contextmanager
def other_program(uri: str) -> Iterator[EventStoreDBClient]:
    with EventStoreDBClient(uri) as client:
        yield client


@pytest_asyncio.fixture(loop_scope="session")
async def bank(node: Node) -> AsyncIterator[Bank]:
    store = EsdbStore(node.uri)
    with other_program(node.uri) as other:
        made = Bank(node.uri, Accounts(store), other, AccountId(f"t-{uuid4().hex}"))
        await made.give(1)
        yield made
    await store.close()


@contextmanager
def heard(uri: str, accounts: Accounts, *, follows: bool = False) -> Iterator["Heard"]:
    """`watch` next to the block, as in a web process, `follows` being with others."""
    stop, said = threading.Event(), Heard(accounts)
    relay = Relay(said, stop)
    follow = relay.follow if follows else None
    thread = threading.Thread(
        target=watch, args=(lambda: EsdbLog(uri), "account", relay.forget, stop, follow)
    )
    thread.start()
    try:
        yield said
    finally:
        stop.set()
        thread.join(PATIENCE)
        assert not thread.is_alive()


class Heard:
    """The streams that `accounts` is to forget, None for all, and the events that it is to follow."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self.streams: list[str | None] = []
        self.events: list[Recorded] = []

    def forget(self, stream: str) -> None:
        self._accounts.forget(stream)
        self.streams.append(stream)

    def forget_all(self) -> None:
        self._accounts.forget_all()
        self.streams.append(None)

    def follow(self, recorded: Recorded) -> None:
        self._accounts.follow(recorded)
        self.events.append(recorded)

    async def until(self, true: Callable[[], bool]) -> None:
        await until(true)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not true():  # noqa: ASYNC110  a thread makes it true
            await asyncio.sleep(0.01)


async def stopped(attempt: Awaitable[object], stream: str) -> StreamStopped:
    with pytest.raises(StreamStopped) as caught:
        await attempt
    assert caught.value.stream == stream
    return caught.value
