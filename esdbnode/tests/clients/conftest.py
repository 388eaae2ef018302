"""One node for the suite, and each library in turn as its client; each test has streams of its own."""

import os
import sys
from collections.abc import Iterator

import pytest

from esdbnode.testing import Node, start_node
from tests.clients.asking import drive
from tests.clients.driver import Driver

LIBRARIES = {
    "esdbclient": ("esdbclient", "EventStoreDBClient"),
    "esdbclient-async": ("esdbclient", "AsyncEventStoreDBClient"),
    "kurrentdbclient": ("kurrentdbclient", "KurrentDBClient"),
}

KURRENT = "ESDBNODE_KURRENT_PYTHON"
"""kurrentdbclient needs a newer grpcio than esdbclient allows, and so an environment of its own."""


@pytest.fixture(scope="session")
def node() -> Iterator[Node]:
    with start_node() as running:
        yield running


@pytest.fixture(scope="session", params=LIBRARIES)
def driver(request: pytest.FixtureRequest, node: Node) -> Iterator[Driver]:
    library, name = LIBRARIES[request.param]
    python = os.environ.get(KURRENT, "") if library == "kurrentdbclient" else sys.executable
    if not python:
        pytest.skip(f"{KURRENT} does not name a Python with kurrentdbclient")
    with drive(python, library, name, node.uri) as driving:
        yield driving


@pytest.fixture
def client(driver: Driver) -> Iterator[Driver]:
    yield driver
    driver.unsubscribe()
