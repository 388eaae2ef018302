"""One node for the suite, and each library in turn before it; streams of a test's own keep tests apart."""

import sys
from collections.abc import Iterator

import pytest

from app.setup.kurrent import find_kurrent
from tests.embedded.clients.asking import drive
from tests.embedded.clients.driver import Driver
from tests.kit.node import Node, start_node

LIBRARIES = {
    "esdbclient": ("esdbclient", "EventStoreDBClient"),
    "esdbclient-async": ("esdbclient", "AsyncEventStoreDBClient"),
    "kurrentdbclient": ("kurrentdbclient", "KurrentDBClient"),
}


@pytest.fixture(scope="session")
def node() -> Iterator[Node]:
    with start_node() as running:
        yield running


@pytest.fixture(scope="session", params=LIBRARIES)
def driver(request: pytest.FixtureRequest, node: Node) -> Iterator[Driver]:
    library, name = LIBRARIES[request.param]
    python = find_kurrent() if library == "kurrentdbclient" else sys.executable
    with drive(python, library, name, node.uri) as driving:
        yield driving


@pytest.fixture
def client(driver: Driver) -> Iterator[Driver]:
    yield driver
    driver.unsubscribe()
