"""Logs for tests: in memory, and on a node process. Import the fixtures into a `conftest.py`."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
import pytest_asyncio

from eventstore.esdb import EsdbLog, EsdbStore
from eventstore.memory import MemoryLog, MemoryStore, Records
from eventstore.store import EventLog, EventStore, NewEvent
from tests.kit.node import Node, start_node


class Both(msgspec.Struct, frozen=True):
    """The two ports to one log, and a prefix for streams that no other test uses."""

    store: EventStore
    log: EventLog
    prefix: str

    def stream(self, name: str = "1") -> str:
        return f"{self.prefix}-{name}"


@pytest.fixture(scope="session")
def node() -> Iterator[Node]:
    with start_node() as running:
        yield running


@pytest.fixture
def own_node(tmp_path: Path) -> Iterator[Node]:
    """A node that keeps the log in a file. Tests may kill it and start it again."""
    with start_node(tmp_path / "log.db") as running:
        yield running


@pytest_asyncio.fixture(params=["memory", "node"], loop_scope="session")
async def both(request: pytest.FixtureRequest) -> AsyncIterator[Both]:
    prefix = f"t{uuid4().hex}"
    if request.param == "memory":
        records = Records()
        yield Both(MemoryStore(records), MemoryLog(records), prefix)
        return
    uri = request.getfixturevalue("node").uri
    store, log = EsdbStore(uri), EsdbLog(uri)
    yield Both(store, log, prefix)
    log.close()
    await store.close()


@pytest_asyncio.fixture(params=["memory", "node"], loop_scope="session")
async def empty(request: pytest.FixtureRequest) -> AsyncIterator[Both]:
    """Both ports to an empty log."""
    if request.param == "memory":
        records = Records()
        yield Both(MemoryStore(records), MemoryLog(records), "t")
        return
    uri = request.getfixturevalue("own_node").uri
    store, log = EsdbStore(uri), EsdbLog(uri)
    yield Both(store, log, "t")
    log.close()
    await store.close()


def events(count: int, kind: str = "MoneyDeposited") -> list[NewEvent]:
    return [
        NewEvent(id=uuid4(), type=kind, data=f'{{"n":{n}}}'.encode(), metadata=b'{"by":"test"}')
        for n in range(count)
    ]
