"""Parts of an answer that are written at once, on the real server."""

import time
from http.client import HTTPConnection
from typing import Any, cast
from urllib.parse import urlsplit

import pytest

from tests.kit.edge import Edge
from tests.kit.edge_server import BLOCK, BLOCKS
from web.http.parts import never, writer


@pytest.mark.parametrize("waits", [0.0, 0.5])
def test_parts_come_whole_and_in_order_also_to_a_client_that_takes_none_for_a_while(
    hurried: Edge, waits: float
) -> None:
    client = HTTPConnection(urlsplit(hurried.url).netloc, timeout=10)
    client.request("GET", "/parts")
    time.sleep(waits)
    *numbers, end = client.getresponse().read().split(BLOCK)
    assert numbers == [b"%d" % number for number in range(BLOCKS)]
    refused, wrong = map(int, end.split())
    assert wrong == 0
    assert 0 < refused < BLOCKS or not waits
    client.request("GET", "/next")
    assert b'"/next"' in client.getresponse().read()
    client.close()


def test_a_server_that_does_not_offer_it_writes_nothing() -> None:
    assert writer(cast(Any, {"type": "http", "extensions": None})) is never
    assert not never(b"part")
