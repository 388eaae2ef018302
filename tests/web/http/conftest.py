from collections.abc import Iterator

import pytest

from tests.kit.edge import Edge, edge
from web.http.limits import Limits


@pytest.fixture(scope="session")
def patient() -> Iterator[Edge]:
    """With the limits of the real server."""
    with edge(Limits()) as process:
        yield process


@pytest.fixture(scope="session")
def hurried() -> Iterator[Edge]:
    limits = Limits(head_seconds=0.5, body_seconds=1, idle_seconds=0.5, unread_seconds=2, linger_seconds=0.5)
    with edge(limits) as process:
        yield process


@pytest.fixture
def small() -> Iterator[Edge]:
    """With four places, for one test."""
    with edge(Limits(connections=4)) as process:
        yield process
