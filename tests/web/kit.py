"""Shared by the tests of the web process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from eventstore.memory import MemoryStore, Records
from projections.engine.clients import Redis
from tests.kit.importing import no_imports
from tests.kit.users import fresh_keys
from web.app import services_of
from web.live.hub import Hub
from web.live.regions import Regions
from web.live.waiting import Client
from web.nouns import REGIONS
from web.services import Services
from web.tasks import end

R = TypeVar("R", bound=Regions)


def problem_of(answer: Any, status: int, name: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["type"].endswith(f"/{name}")
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    return problem


def codes_of(problem: dict[str, Any]) -> dict[str, str]:
    """The code of each wrong field."""
    return {wrong["field"]: wrong["code"] for wrong in problem["errors"]}


def regions_over(redis: Redis, kind: type[R]) -> R:
    """The registry of the application, of that `kind`, over the read models in `redis`."""
    return kind(services_over(redis), REGIONS)


def services_over(redis: Redis) -> Services:
    """The services of the application over the read models in `redis`, and an empty log."""
    return services_of(MemoryStore(Records()), redis, fresh_keys(), no_imports(), "CZK", {})


@asynccontextmanager
async def at_work(hub: Hub) -> AsyncIterator[None]:
    running = asyncio.create_task(hub.run())
    try:
        yield
    finally:
        await end([running])


async def sent(client: Client, *words: bytes) -> None:
    """Until each of `words` was sent, in any order."""
    said = b""
    async with asyncio.timeout(10):
        while any(each not in said for each in words):
            await client.wake.wait()
            said += client.take()
