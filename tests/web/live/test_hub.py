"""The hub of live updates: whatever happens, every page ends up with what a fresh one would show."""

import asyncio
import re

import pytest

from eventstore.identity import LogId
from eventstore.memory import MemoryStore, Records
from projections.engine.clients import Redis, reader
from projections.readmodels.feed import ITEMS
from tests.kit.journal import Journal
from tests.kit.projector import project_all, projecting
from tests.kit.valkey import valkey
from tests.web.kit import at_work, regions_over, sent
from web.live.batch import Batch
from web.live.hub import Hub
from web.live.regions import Regions
from web.live.sse_text import Message
from web.live.waiting import Client
from web.status import StatusReader

NO_LOG = LogId(MemoryStore(Records()), ())


class Faulty(Regions):
    faults = 1

    async def of(self, topic: str, batch: Batch) -> Message:
        if batch.all(ITEMS) and self.faults:
            self.faults -= 1
            raise RuntimeError("a fault made for this test")
        return await super().of(topic, batch)


class Slow(Regions):
    """Rendering of changes waits until the test releases it."""

    rendering: asyncio.Event
    go: asyncio.Event

    async def of(self, topic: str, batch: Batch) -> Message:
        if batch.all(ITEMS):
            self.rendering.set()
            await self.go.wait()
        return await super().of(topic, batch)


def slow(redis: Redis) -> Slow:
    made = regions_over(redis, Slow)
    made.rendering, made.go = asyncio.Event(), asyncio.Event()
    return made


async def test_after_a_fault_pages_get_everything_again(caplog: pytest.LogCaptureFixture) -> None:
    journal = Journal()
    with valkey() as server, projecting(lambda: journal.log, server.url):
        async with reader(server.url) as redis:
            hub = Hub(redis, regions_over(redis, Faulty), StatusReader(redis, NO_LOG))
            async with at_work(hub):
                client = Client(frozenset({"feed"}))
                hub.join(client, None)
                await sent(client, b'"state":"live"')
                journal.book("anna", 100)
                async with asyncio.timeout(10):
                    while "a fault made for this test" not in caplog.text:  # noqa: ASYNC110
                        await asyncio.sleep(0.01)
                await sent(client, b"anna")


async def test_a_page_that_reconnects_to_a_new_hub_gets_what_it_missed() -> None:
    journal = Journal()
    seen = journal.book("anna", 100)
    journal.book("carl", 100)
    with valkey() as server:
        await asyncio.to_thread(project_all, lambda: journal.log, server.url)
        async with reader(server.url) as redis:
            hub = Hub(redis, regions_over(redis, Regions), StatusReader(redis, NO_LOG))
            client = Client(frozenset({"feed"}))
            hub.join(client, seen)
            async with at_work(hub):
                await sent(client, b"carl")


async def test_no_page_gets_a_position_before_what_happened_there() -> None:
    journal = Journal()
    seen = journal.book("anna", 100)
    with valkey() as server, projecting(lambda: journal.log, server.url):
        async with reader(server.url) as redis:
            regions = slow(redis)
            hub = Hub(redis, regions, StatusReader(redis, NO_LOG))
            first, second = Client(frozenset({"feed"})), Client(frozenset({"feed"}))
            hub.join(first, None)
            async with at_work(hub):
                await sent(first, b"id: %d\n" % seen, b'"state":"live"')  # a change of state sends all again
                booked = journal.book("carl", 100)
                async with asyncio.timeout(10):
                    await regions.rendering.wait()
                hub.join(second, seen)
                said = second.take()
                assert [int(found) for found in re.findall(rb"id: (\d+)", said)] == [seen]
                regions.go.set()
                await sent(second, b"id: %d\n" % booked)
                await sent(first, b"carl")
