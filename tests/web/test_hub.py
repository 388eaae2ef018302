"""The hub of live updates: whatever happens, every page ends up with what a fresh one would show."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from projections.engine.clients import Redis, reader
from tests.kit.ledger import Ledger
from tests.kit.projector import project_all, projecting
from tests.kit.valkey import valkey
from web.batch import Batch
from web.live import Hub
from web.rendering import environment
from web.topics import Message, Topics
from web.waiting import Client


class Faulty(Topics):
    faults = 1

    async def of(self, topic: str, batch: Batch) -> Message | None:
        if batch.feed and self.faults:
            self.faults -= 1
            raise RuntimeError("a fault made for this test")
        return await super().of(topic, batch)


class Slow(Topics):
    """Rendering what changed waits until it is let go."""

    def __init__(self, redis: Redis) -> None:
        super().__init__(redis, environment({}), "CZK")
        self.rendering, self.go = asyncio.Event(), asyncio.Event()

    async def of(self, topic: str, batch: Batch) -> Message | None:
        if batch.feed:
            self.rendering.set()
            await self.go.wait()
        return await super().of(topic, batch)


@asynccontextmanager
async def at_work(hub: Hub) -> AsyncIterator[None]:
    running = asyncio.create_task(hub.run())
    try:
        yield
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def test_after_a_fault_pages_are_told_everything_anew(caplog: pytest.LogCaptureFixture) -> None:
    ledger = Ledger()
    with valkey() as server, projecting(lambda: ledger.log, server.url):
        async with reader(server.url) as redis:
            hub = Hub(redis, Faulty(redis, environment({}), "CZK"))
            async with at_work(hub):
                client = Client(frozenset({"feed"}))
                hub.join(client, None)
                await told(client, b'"state":"live"')
                ledger.book("anna", 100)
                async with asyncio.timeout(10):
                    while "a fault made for this test" not in caplog.text:  # noqa: ASYNC110
                        await asyncio.sleep(0.01)
                await told(client, b"anna")


async def test_a_page_that_comes_back_to_a_hub_just_started_is_told_what_it_missed() -> None:
    ledger = Ledger()
    seen = ledger.book("anna", 100)
    ledger.book("carl", 100)
    with valkey() as server:
        await asyncio.to_thread(project_all, lambda: ledger.log, server.url)
        async with reader(server.url) as redis:
            hub = Hub(redis, Topics(redis, environment({}), "CZK"))
            client = Client(frozenset({"feed"}))
            hub.join(client, seen)
            async with at_work(hub):
                await told(client, b"carl")


async def test_no_page_is_told_a_position_before_what_happened_there() -> None:
    ledger = Ledger()
    seen = ledger.book("anna", 100)
    with valkey() as server, projecting(lambda: ledger.log, server.url):
        async with reader(server.url) as redis:
            topics = Slow(redis)
            hub = Hub(redis, topics)
            first, second = Client(frozenset({"feed"})), Client(frozenset({"feed"}))
            hub.join(first, None)
            async with at_work(hub):
                await told(first, b"id: %d\n" % seen)
                booked = ledger.book("carl", 100)
                async with asyncio.timeout(10):
                    await topics.rendering.wait()
                hub.join(second, seen)
                said = second.take()
                assert [int(found) for found in re.findall(rb"id: (\d+)", said)] == [seen]
                topics.go.set()
                await told(second, b"id: %d\n" % booked)
                await told(first, b"carl")


async def told(client: Client, words: bytes) -> None:
    async with asyncio.timeout(10):
        while True:
            await client.wake.wait()
            if words in client.take():
                return
