"""A node in memory for all the tests of a module. Each test uses its own streams."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import count
from uuid import uuid4

import grpc.aio
import pytest
from esdbclient import AsyncEventStoreDBClient, EventStoreDBClient, NewEvent

from esdbnode.testing import Node, start_node


@pytest.fixture(scope="session", autouse=True)
def grpc_running() -> None:
    """Without this, grpc.aio stops when the last channel is dropped, and that can block the event loop forever.

    See https://github.com/grpc/grpc/issues/22365 and https://github.com/grpc/grpc/pull/40989.
    """

    async def keep() -> None:
        grpc.aio.init_grpc_aio()

    asyncio.run(keep())


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    with start_node() as running:
        yield running


@pytest.fixture(scope="module")
def client(node: Node) -> Iterator[EventStoreDBClient]:
    with EventStoreDBClient(uri=node.uri) as connected:
        yield connected


@pytest.fixture
async def async_client(node: Node) -> AsyncIterator[AsyncEventStoreDBClient]:
    connected = AsyncEventStoreDBClient(uri=node.uri)
    await connected.connect()
    yield connected
    await connected.close()


@pytest.fixture
def stream() -> str:
    return f"stream-{uuid4()}"


@pytest.fixture
def events() -> Callable[..., list[NewEvent]]:
    """`events(3)`: three new events; `events(2, type="T")`: two of a type."""
    numbers = count()

    def make(how_many: int, type: str = "Happened") -> list[NewEvent]:
        return [NewEvent(type=type, data=b'{"n":%d}' % next(numbers)) for _ in range(how_many)]

    return make
