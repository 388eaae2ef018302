"""Shared by tests of people: the write side as a process has it, and what the log says about people and accounts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from commands.accounts import Accounts
from commands.holding import Holding
from commands.users import Personal, Users
from domain.accounts import ACCOUNTS, AccountClosed, AccountCreated
from domain.identifiers import AccountId, UserId
from domain.users import USERS, AccountAdded, Known, UserDeleted
from eventstore.codec import decode
from eventstore.personal.keys import KeyStore
from eventstore.personal.sqlite import SqliteKeys
from eventstore.store import EventStore
from tests.kit.contexts import context_for


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[KeyStore]:
    store = SqliteKeys(tmp_path)
    yield store
    store.close()


class Process(msgspec.Struct, frozen=True):
    """The write side of a process, with nothing in memory."""

    accounts: Accounts
    users: Users
    holding: Holding

    @classmethod
    def on(cls, store: EventStore, keys: KeyStore) -> "Process":
        accounts, users = Accounts(store), Users(store, keys)
        return cls(accounts, users, Holding(accounts, users))


async def a_person(store: EventStore, keys: KeyStore) -> UserId:
    user_id = UserId(f"p-{uuid4().hex}")
    await Users(store, keys).create(user_id, Personal(name="Anna"), context_for(uuid4()))
    return user_id


async def finish_all(store: EventStore, keys: KeyStore, user_id: UserId, account_id: AccountId) -> None:
    """As a reactor does, from the beginning of the log."""
    holding = Process.on(store, keys).holding
    for event in await events(store, user_id, account_id):
        if isinstance(event, AccountAdded | AccountClosed | UserDeleted):
            await holding.finish(event, context_for(uuid4()))


async def check_agree(store: EventStore, keys: KeyStore, user_id: UserId, account_id: AccountId) -> None:
    """A person holds exactly the accounts that are open and name them as the holder, and only if they exist."""
    found = await events(store, user_id, account_id)
    opened = any(isinstance(event, AccountCreated) and event.holder == user_id for event in found)
    closed = any(isinstance(event, AccountClosed) for event in found)
    person = await Process.on(store, keys).users.state(user_id)
    held = person.standing.accounts if isinstance(person, Known) else ()
    assert held == ((account_id,) if opened and not closed else ())


async def events(store: EventStore, user_id: UserId, account_id: AccountId) -> list[Any]:
    streams = (USERS.stream(user_id), ACCOUNTS.stream(account_id))
    return [decode(each).event for stream in streams for each in await store.read_stream(stream)]
