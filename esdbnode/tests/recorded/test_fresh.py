"""A log that was just created answers like EventStoreDB 24.6: 40 recorded answers, told in one story."""

from collections.abc import Iterator

import grpc
import pytest

from esdbnode.testing import start_node
from tests.recorded.answers import Json
from tests.recorded.fresh import Story
from tests.recorded.test_conversations import recording

RECORDED = recording("fresh")


@pytest.fixture(scope="module")
def told() -> Iterator[dict[str, list[str]]]:
    with start_node() as node, grpc.insecure_channel(node.address) as channel:
        yield Story(channel).told()


@pytest.mark.parametrize("case", RECORDED, ids=[each["case"] for each in RECORDED])
def test_a_new_log_answers_as_recorded(told: dict[str, list[str]], case: Json) -> None:
    assert told[case["case"]] == case["told"]
