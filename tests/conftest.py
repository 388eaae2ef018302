"""Children of the tests find Daybook's packages, also when pytest was not started by `./daybook test`.

A test or module with the mark `every_server` runs on each of SERVERS, if it uses the fixture `server_program`, also
through other fixtures such as `url` and `servers`.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from app.processes.valkey import find_server
from app.setup.debian import REDIS
from app.setup.environment import search_path

os.environ["PYTHONPATH"] = search_path()
os.environ["DAYBOOK_LOG_FORMAT"] = "text"  # for the people who read what a failed test printed


def _redis() -> Path:
    return REDIS.known() or pytest.skip(REDIS.absent)


SERVERS: Final[dict[str, Callable[[], Path]]] = {"valkey": find_server, "redis": _redis}
"""The server that Daybook starts, and the distribution's Redis: on Debian 12 the oldest one that is supported."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "server_program" in metafunc.fixturenames and metafunc.definition.get_closest_marker("every_server"):
        metafunc.parametrize("server_program", SERVERS, indirect=True, scope="session")


@pytest.fixture(scope="session")
def server_program(request: pytest.FixtureRequest) -> Path:
    """The Valkey or Redis server to run."""
    return SERVERS[getattr(request, "param", "valkey")]()
