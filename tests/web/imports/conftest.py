from collections.abc import Iterator

import pytest

from tests.kit.web import Served
from tests.web.imports.kit import Importer


@pytest.fixture
def visitor(site: Served) -> Iterator[Importer]:
    made = Importer(site.url)
    yield made
    made.http.close()
