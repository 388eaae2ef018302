from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import redis as redis_py

from projections.engine import runner
from projections.engine.clients import Redis, reader, writer
from tests.kit.journal import Journal
from tests.kit.memory_redis import MemoryRedis, ReadSide
from tests.kit.projector import project_all
from tests.kit.valkey import Valkey, valkey


@pytest.fixture(scope="session")
def shared_valkey(server_program: Path) -> Iterator[Valkey]:
    with valkey(program=server_program) as server:
        yield server


@pytest.fixture
def url(shared_valkey: Valkey) -> Iterator[str]:
    yield shared_valkey.url
    with redis_py.Redis.from_url(shared_valkey.url) as client:
        client.flushall()


@pytest.fixture
def client(url: str) -> Iterator[redis_py.Redis]:
    with writer(url) as made:
        yield made


@pytest.fixture
async def redis(url: str) -> AsyncIterator[Redis]:
    made = reader(url)
    yield made
    await made.aclose()


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """A projector writes a heartbeat, and learns of another projector, ten times a second instead of once."""
    monkeypatch.setattr(runner, "BEAT_EVERY", 0.1)


@pytest.fixture
def journal() -> Journal:
    return Journal()


@pytest.fixture(params=["memory", "valkey"])
def read_side(request: pytest.FixtureRequest) -> ReadSide:
    if request.param == "memory":
        memory = MemoryRedis()
        return ReadSide(memory.client, lambda journal: memory.fill(journal.all))
    url = request.getfixturevalue("url")
    return ReadSide(request.getfixturevalue("redis"), lambda journal: project_all(lambda: journal.log, url))
