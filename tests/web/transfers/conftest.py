from collections.abc import Iterator

import pytest

from tests.kit.valkey import valkey
from tests.kit.web import Api, Served, served


@pytest.fixture(scope="session")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A web process with a process manager that carries transfers on."""
    with valkey() as server, served(server.url, tmp_path_factory.mktemp("bank"), "--transfers") as process:
        yield process


@pytest.fixture(scope="session")
def transfers(bank: Served) -> Iterator[Api]:
    """The API of `bank`."""
    made = Api(bank.url)
    yield made
    made.http.close()
