from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.kit.valkey import Valkey, valkey
from tests.kit.web import Api, Served, served


@pytest.fixture(scope="session")
def web_valkey() -> Iterator[Valkey]:
    with valkey() as server:
        yield server


@pytest.fixture(scope="session")
def site(web_valkey: Valkey, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One web process for all tests that do not disturb it; each test uses its own accounts."""
    with served(web_valkey.url, tmp_path_factory.mktemp("web")) as process:
        yield process


@pytest.fixture
def own_site(tmp_path: Path) -> Iterator[Served]:
    """A web process that the test may put under load, stop or separate from Redis."""
    with valkey() as server, served(server.url, tmp_path) as process:
        yield process


@pytest.fixture(scope="session")
def api(site: Served) -> Iterator[Api]:
    made = Api(site.url)
    yield made
    made.http.close()


@pytest.fixture
def name() -> str:
    """The id of an account that no other test uses."""
    return f"t-{uuid4().hex[:10]}"
