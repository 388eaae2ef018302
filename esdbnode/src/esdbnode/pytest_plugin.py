"""Fixtures: a node, and a client of it. Nothing is started or imported before a test asks for one of them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from esdbclient import EventStoreDBClient


@pytest.fixture(scope="session")
def esdb_uri() -> Iterator[str]:
    """The `esdb://` address of a node in memory, in a separate process. All tests of the run share it."""
    from esdbnode.testing import start_node

    with start_node() as node:
        yield node.uri


@pytest.fixture
def esdb_client(esdb_uri: str) -> "Iterator[EventStoreDBClient]":
    """A connected client of that node."""
    from esdbclient import EventStoreDBClient

    with EventStoreDBClient(esdb_uri) as client:
        yield client
