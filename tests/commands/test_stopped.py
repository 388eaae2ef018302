"""Streams that another program deleted or limited: refused by name, also if their state was in memory."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from esdbclient import StreamState

from commands.accounts import Accounts
from domain.identifiers import AccountId
from eventstore.esdb import EsdbStore
from eventstore.memory import MemoryStore, Records
from eventstore.store import Appended, NewEvent
from tests.commands.bank import LIMITS, Bank, give, heard, stopped
from tests.kit.faults import Unreliable
from tests.kit.journal import Journal

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def store(bank: Bank) -> AsyncIterator[EsdbStore]:
    made = EsdbStore(bank.uri)
    yield made
    await made.close()


@pytest.fixture
def cold(store: EsdbStore) -> Accounts:
    """With no state in memory."""
    return Accounts(store)


# A stream that was not in memory.


@pytest.mark.parametrize("limits", LIMITS)
async def test_a_limited_stream_is_refused_until_it_is_whole_again(
    bank: Bank, cold: Accounts, limits: dict[str, Any]
) -> None:
    bank.limit(limits)
    (name,) = limits
    assert name in (await stopped(bank.give(2, accounts=cold), bank.stream)).reason
    bank.limit({})
    assert await bank.give(2, accounts=cold) == 200


async def test_a_deleted_stream_is_refused_and_not_opened_again(bank: Bank, cold: Accounts) -> None:
    bank.other.delete_stream(bank.stream, current_version=StreamState.ANY)
    stop = await stopped(bank.give(2, accounts=cold), bank.stream)
    assert (stop.revision, "$tb" in stop.reason) == (0, True)
    bank.limit({})  # the log sets $tb to the next event
    assert "$tb 2" in (await stopped(bank.give(2, accounts=cold), bank.stream)).reason
    bank.limit({})
    assert await bank.give(2, accounts=cold) == 200


async def test_a_deleted_stream_is_refused_although_the_state_is_in_memory(bank: Bank) -> None:
    """The next entry cannot be decided on the state alone: it has to be refused, and then the stream is read."""
    bank.other.delete_stream(bank.stream, current_version=StreamState.ANY)
    await stopped(bank.accounts.state(bank.account), bank.stream)


async def test_a_tombstone_is_refused_by_name_cold_and_from_memory(bank: Bank, cold: Accounts) -> None:
    bank.other.tombstone_stream(bank.stream, current_version=StreamState.ANY)
    for accounts in (cold, bank.accounts):
        assert bank.stream in (await stopped(bank.give(2, accounts=accounts), bank.stream)).reason


async def test_reads_of_a_tombstone_disturb_no_other_account(
    bank: Bank, store: EsdbStore, cold: Accounts
) -> None:
    """They share a connection to the log."""
    bank.other.tombstone_stream(bank.stream, current_version=StreamState.ANY)

    async def refused() -> None:
        for _ in range(100):
            await stopped(store.read_stream(f"$${bank.stream}"), bank.stream)
            await stopped(cold.state(bank.account), bank.stream)

    async def other() -> None:
        for _ in range(300):
            await cold.state(AccountId(f"t-{uuid4().hex}"))

    await asyncio.gather(*(each() for _ in range(4) for each in (refused, other)))


async def test_metadata_that_takes_nothing_is_no_reason_to_refuse(bank: Bank, cold: Accounts) -> None:
    bank.limit({"$acl": {"$w": "$all"}, "$maxCount": 0, "owner": "jana"})
    assert await bank.give(2, accounts=cold) == 200


# A stream whose state is in memory.


@pytest.mark.parametrize("limits", LIMITS)
async def test_a_change_of_a_stream_in_memory_is_heard_at_once(bank: Bank, limits: dict[str, Any]) -> None:
    with heard(bank.uri, bank.accounts) as said:
        await said.until(lambda: None in said.streams)
        await bank.give(2)
        bank.limit(limits)
        await said.until(lambda: bank.stream in said.streams)
        await stopped(bank.give(3), bank.stream)
        bank.limit({})
        assert await bank.give(3) == 300


async def test_a_change_that_is_heard_while_a_command_is_booked_is_not_lost() -> None:
    """The state that the append leads to would be kept, from before the change."""
    records = Records()
    store = Unreliable(MemoryStore(records))
    accounts = Accounts(store)
    await give(accounts, 1, "a")

    async def limit() -> Appended:
        store.before_append = None
        done = await store.append(
            "$$account-a", [NewEvent(uuid4(), "$metadata", b'{"$maxCount":1}', b"")], expected=-1
        )
        accounts.forget("account-a")
        return done

    store.before_append = limit
    assert await give(accounts, 2, "a") == 200
    await stopped(give(accounts, 3, "a"), "account-a")


async def test_an_account_that_is_deleted_while_it_is_loaded_is_not_opened_again() -> None:
    journal = Journal()
    store = DeletedMeanwhile(journal)
    journal.book("a", 100)
    await stopped(Accounts(store).state(AccountId("a")), "account-a")


class DeletedMeanwhile(MemoryStore):
    """Another program deletes the stream after its metadata were read and before its events are."""

    def __init__(self, journal: Journal) -> None:
        super().__init__(journal.records)
        self._journal, self._metadata_was_read = journal, False

    async def read_stream(
        self, stream: str, *, start: int | None = None, limit: int | None = None, backwards: bool = False
    ) -> Any:
        if not stream.startswith("$$"):
            return []
        found = await super().read_stream(stream, start=start, limit=limit, backwards=backwards)
        if not self._metadata_was_read:
            self._metadata_was_read = True
            self._journal.limit("a", tb=2**63 - 1)
        return found
