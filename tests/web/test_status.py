"""The status of the read models: as it is read, and as it was read last."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from eventstore.identity import LogId
from eventstore.memory import MemoryStore, Records
from projections.engine import advance
from projections.engine.clients import Redis, reader
from tests.kit.journal import Journal
from tests.kit.projector import projecting
from tests.kit.valkey import valkey
from tests.web.kit import at_work, sent, services_over
from web import status
from web.live.hub import Hub
from web.live.regions import Regions
from web.live.sse_text import Message
from web.live.waiting import Client
from web.nouns import REGIONS
from web.status import StatusReader

NO_LOG = LogId(MemoryStore(Records()), ())


@asynccontextmanager
async def projected(journal: Journal) -> AsyncIterator[Redis]:
    with valkey() as server, projecting(lambda: journal.log, server.url):
        async with reader(server.url) as redis:
            yield redis


async def until_read(known: StatusReader, *, is_well: bool = True) -> None:
    async with asyncio.timeout(10):
        while (await known.read()).is_well != is_well:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_what_was_read_when_all_was_well_is_known_at_a_later_position(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    journal = Journal()
    booked = journal.book("anna", 100)
    async with projected(journal) as redis:
        known = StatusReader(redis, NO_LOG)
        assert not known.was_well()
        await until_read(known)
        later = known.known(booked + 900)
        assert later is not None
        assert (later.position, later.is_catching_up, later.is_well) == (booked + 900, False, True)
        before = known.known(0)
        assert before is not None
        assert before.position == booked
        monkeypatch.setattr(status, "KNOWN_SECONDS", -1)
        assert not known.was_well()


async def test_it_has_to_be_read_while_something_is_wrong_and_after_it_is_forgotten() -> None:
    journal = Journal()
    journal.book("anna", 100)
    async with projected(journal) as redis:
        known = StatusReader(redis, NO_LOG)
        await until_read(known)
        known.forget()
        assert not known.was_well()
        await until_read(known)
        journal.scribble("account-anna")
        await until_read(known, is_well=False)
        assert not known.was_well()


async def test_what_is_read_while_it_is_forgotten_is_not_known_afterwards() -> None:
    """It may be from before what made it wrong."""
    journal = Journal()
    journal.book("anna", 100)
    async with projected(journal) as redis:
        known = StatusReader(redis, NO_LOG)
        await until_read(known)
        reading = asyncio.create_task(known.read())
        await asyncio.sleep(0)
        assert known.was_well()
        known.forget()
        assert (await reading).is_well
        assert not known.was_well()
        await until_read(known)
        assert known.was_well()


class Counted(Regions):
    """How often a topic was sent whole."""

    read = 0

    async def whole(self, topic: str) -> Message:
        self.read += topic == "status"
        return await super().whole(topic)


async def test_pages_are_told_of_a_stopped_stream_at_once_and_else_nothing_is_read() -> None:
    journal = Journal()
    journal.book("anna", 100)
    async with projected(journal) as redis:
        services = services_over(redis)
        regions = Counted(services, REGIONS)
        hub = Hub(redis, regions, services.status)
        client = Client(frozenset({"status", "accounts"}))
        hub.join(client, None)
        async with at_work(hub):
            await sent(client, b"up to date")
            await until_read(services.status)
            client.take()
            read = regions.read
            booked = journal.book("anna", 100)
            await sent(client, b"at #%d" % booked, b"up to date")
            assert regions.read == read
            journal.scribble("account-anna")
            await sent(client, b"1 stopped")
            assert regions.read > read
            journal.book("carl", 100)
            await sent(client, b"carl", b"1 stopped")


async def test_after_changes_that_do_not_say_what_changed_it_is_read_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    journal = Journal()
    journal.book("anna", 100)
    monkeypatch.setattr(advance, "PUBLISHED", 0)
    async with projected(journal) as redis:
        services = services_over(redis)
        hub = Hub(redis, Counted(services, REGIONS), services.status)
        client = Client(frozenset({"accounts"}))
        hub.join(client, None)
        async with at_work(hub):
            await sent(client, b"anna", b'"state":"live"')
            await until_read(services.status)
            booked = journal.scribble("account-anna")
            await sent(client, b"id: %d\n" % booked)
            assert not services.status.was_well()
