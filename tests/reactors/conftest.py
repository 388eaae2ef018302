from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from eventstore.esdb import EsdbLog, EsdbStore
from eventstore.memory import MemoryLog, MemoryStore, Records
from eventstore.personal.keys import KeyStore
from tests.commands.people import keys
from tests.kit.logs import node, own_node
from tests.kit.reactors import Log

__all__ = ["keys", "log", "node", "own_node"]


@pytest_asyncio.fixture(params=["memory", "node"], loop_scope="session")
async def log(request: pytest.FixtureRequest, keys: KeyStore) -> AsyncIterator[Log]:
    if request.param == "memory":
        records = Records()
        yield Log(MemoryStore(records), lambda: MemoryLog(records), keys)
        return
    uri = request.getfixturevalue("own_node").uri
    store = EsdbStore(uri)
    yield Log(store, lambda: EsdbLog(uri), keys)
    await store.close()
