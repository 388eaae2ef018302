from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import redis

from eventstore.esdb import EsdbLog
from projections.audit import audit
from projections.engine.clients import writer
from projections.readmodels import PREFIXES
from tests.kit.logs import own_node
from tests.kit.node import Node, start_node
from tests.kit.projector import settle
from tests.kit.valkey import Valkey, valkey

__all__ = ["Servers", "own_node", "servers"]


class Servers(msgspec.Struct):
    """A node that keeps its log in a file, and a Valkey that keeps an append-only file, as in `up`."""

    node: Node
    valkey: Valkey
    client: redis.Redis

    def agree(self, seconds: float = 30) -> None:
        """Wait until the read models reached the end of the log; then compare them with it, entry by entry."""
        log = EsdbLog(self.node.uri)
        try:
            settle(self.client, log.head(prefixes=PREFIXES), seconds=seconds)
            assert audit(log, self.client) == []
        finally:
            log.close()


@pytest.fixture
def servers(tmp_path: Path, server_program: Path) -> Iterator[Servers]:
    with (
        start_node(tmp_path / "log.db") as node,
        valkey("--appendonly", "yes", "--appendfsync", "everysec", program=server_program) as server,
        writer(server.url) as client,
    ):
        yield Servers(node, server, client)
