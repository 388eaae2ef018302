"""Projector processes that tests can freeze and kill."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.kit.parts import Part


@contextmanager
def projector(esdb_uri: str, redis_url: str, says: Path) -> Iterator[Part]:
    """Its output goes to the file `says`."""
    made = Part("projector", says, DAYBOOK_ESDB_URI=esdb_uri, DAYBOOK_REDIS_URL=redis_url)
    try:
        yield made
    finally:
        made.kill()
