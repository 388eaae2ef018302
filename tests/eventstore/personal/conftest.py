from collections.abc import Iterator
from pathlib import Path

import pytest

from eventstore.personal.keys import KeyStore
from tests.conftest import SERVERS
from tests.kit.keys import Place, in_a_file, on_a_server


@pytest.fixture(params=["file", *SERVERS])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """Each place in which keys can be, empty."""
    if request.param == "file":
        yield in_a_file(tmp_path / "var")
    else:
        with on_a_server(tmp_path, SERVERS[request.param]()) as place:
            yield place


@pytest.fixture
def keys(place: Place) -> Iterator[KeyStore]:
    opened = place.open()
    yield opened
    opened.close()
