"""The hub of live updates goes on after what nobody expected, and all pages are told everything anew."""

import asyncio
import contextlib

import pytest

from projections.clients import reader
from tests.kit.ledger import Ledger
from tests.kit.projector import projecting
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


async def test_after_a_fault_pages_are_told_everything_anew(caplog: pytest.LogCaptureFixture) -> None:
    ledger = Ledger()
    with valkey() as server, projecting(lambda: ledger.log, server.url):
        redis = reader(server.url)
        hub = Hub(redis, Faulty(redis, environment({}), "CZK"))
        running = asyncio.create_task(hub.run())
        client = Client(frozenset({"feed"}))
        hub.join(client, None)
        await told(client, b'"state":"live"')
        ledger.book("anna", 100)
        async with asyncio.timeout(10):
            while "a fault made for this test" not in caplog.text:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await told(client, b"anna")
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        await redis.aclose()


async def told(client: Client, words: bytes) -> None:
    async with asyncio.timeout(10):
        while True:
            await client.wake.wait()
            if words in client.take():
                return
