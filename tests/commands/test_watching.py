"""A process hears what other programs do to the streams whose state it keeps in memory."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from esdbclient import StreamState

from commands import watching
from commands.accounts import Accounts
from commands.watching import watch
from domain.identifiers import AccountId
from eventstore.esdb import EsdbStore
from eventstore.memory import MemoryLog
from eventstore.store import StoreUnavailable
from tests.commands.bank import Bank, heard, other_program, stopped, until
from tests.kit.faults import Unreliable
from tests.kit.following import PATIENCE
from tests.kit.journal import Journal
from tests.kit.node import Node

pytestmark = pytest.mark.asyncio(loop_scope="session")


@contextmanager
def watching_of(open_log: Callable[[], MemoryLog]) -> Iterator[list[str | None]]:
    """What a thread that watches the accounts of `open_log` forgets; it must end when it is told to."""
    said, stop = list[str | None](), threading.Event()
    thread = threading.Thread(target=watch, args=(open_log, "account", said.append, stop))
    thread.start()
    try:
        yield said
    finally:
        stop.set()
        thread.join(PATIENCE)
    assert not thread.is_alive()


async def test_watching_subscribes_again_and_forgets_nothing_for_it(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "RENEWED", 0.1)
    with heard(bank.uri, bank.accounts) as said:
        await said.until(lambda: None in said.streams)
        for n in range(5):
            bank.limit({"n": n})
            await said.until(lambda n=n: said.streams.count(bank.stream) > n)  # type: ignore[misc]
    assert said.streams.count(None) == 1


async def test_watching_survives_a_node_that_is_killed_and_started_again(
    own_node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "PAUSE", 0.1)
    store = EsdbStore(own_node.uri)
    accounts = Accounts(store)
    with other_program(own_node.uri) as other, heard(own_node.uri, accounts) as said:
        bank = Bank(own_node.uri, accounts, other, AccountId("a"))
        await bank.give(1)
        await said.until(lambda: None in said.streams)
        own_node.kill()
        own_node.start()
        with other_program(own_node.uri) as again:
            again.set_stream_metadata(bank.stream, metadata={"$maxCount": 1}, current_version=StreamState.ANY)
        await said.until(lambda: bank.stream in said.streams or said.streams.count(None) > 1)
        await stopped(bank.give(2), bank.stream)
    await store.close()


async def test_states_follow_the_events_of_another_process_and_are_forgotten_as_before(bank: Bank) -> None:
    counted = Unreliable(EsdbStore(bank.uri))
    here = Accounts(counted)
    with heard(bank.uri, here, follows=True) as said:
        await said.until(lambda: None in said.streams)
        await bank.give(2, here)
        for number in range(3, 6):
            await bank.give(number)
        await said.until(lambda: len([each for each in said.events if each.stream == bank.stream]) == 4)
        appends, reads = counted.appends, counted.reads
        assert await bank.give(6, here) == 600
        assert (counted.appends - appends, counted.reads - reads) == (1, 0)
        bank.limit({"$maxCount": 1})
        await said.until(lambda: bank.stream in said.streams)
        await stopped(bank.give(7, here), bank.stream)
    await counted.close()


async def test_without_others_the_streams_themselves_are_not_heard(bank: Bank) -> None:
    with heard(bank.uri, bank.accounts) as said:
        await said.until(lambda: None in said.streams)
        await bank.give(2)
        bank.limit({"n": 1})
        await said.until(lambda: bank.stream in said.streams)
    assert said.events == []


@pytest.mark.parametrize("written_on", [0, 5])
async def test_a_log_that_was_set_back_makes_it_forget_everything(
    monkeypatch: pytest.MonkeyPatch, written_on: int
) -> None:
    """Also if it was written on until it is longer than before."""
    monkeypatch.setattr(watching, "RENEWED", 0.05)
    journal = Journal()
    journal.book("a", 1)
    with watching_of(lambda: MemoryLog(journal.records)) as said:
        await until(lambda: said == [None])
        restored = Journal()
        for n in range(written_on):
            restored.book("b", n + 1)
        journal.records = restored.records
        await until(lambda: said == [None, None])


async def test_an_error_of_any_kind_does_not_end_the_watching(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "PAUSE", 0.01)
    journal = Journal()
    failures = [ValueError("unexpected"), StoreUnavailable("away")]

    def open_log() -> MemoryLog:
        if failures:
            raise failures.pop()
        return MemoryLog(journal.records)

    with watching_of(open_log) as said:
        await until(lambda: said == [None])
        journal.limit("a", maxCount=1)
        await until(lambda: said == [None, "account-a"])
