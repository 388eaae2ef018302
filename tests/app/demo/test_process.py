"""The process of the demo, on a real node."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest

from app.demo.story import PAST, month
from app.messages.running import DEMO_IS_UP
from eventstore.esdb import EsdbStore
from tests.kit.logs import own_node
from tests.kit.node import PROJECT, Node

__all__ = ["own_node"]

UNANSWERED = "esdb://127.0.0.1:1?Tls=false"
SEED = 7
HISTORY = sum(len(list(month(SEED, date(2026, 2, 14), number))) for number in range(PAST))
PROGRAM = "import sys; from app.demo.process import run; sys.exit(run(sys.argv[1], int(sys.argv[2])))"


@contextmanager
def demo(uri: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, uri, str(SEED)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        assert process.stdout.readline() == f"{DEMO_IS_UP}\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def seconds_to_end(process: subprocess.Popen[str], number: signal.Signals) -> float:
    began = time.monotonic()
    process.send_signal(number)
    assert process.wait(10) == 0
    return time.monotonic() - began


async def events(uri: str) -> list[str]:
    store = EsdbStore(uri)
    recorded = await store.read_all(prefixes=["account-"], limit=10_000)
    await store.close()
    return [each.event_id for each in recorded]


async def until(node: Node, count: int) -> list[str]:
    """The log's events, as soon as there are `count` of them."""
    for _ in range(150):
        if len(found := await events(node.uri)) >= count:
            return found
        await asyncio.sleep(0.2)
    raise AssertionError(f"{len(found)} events instead of {count} after 30 s")


async def test_a_restart_continues_where_the_story_was_stopped(own_node: Node) -> None:
    with demo(own_node.uri) as process:
        await until(own_node, HISTORY + 3)
        assert seconds_to_end(process, signal.SIGTERM) < 1
    before = await events(own_node.uri)
    with demo(own_node.uri):
        after = await until(own_node, len(before) + 3)
    assert after[-len(before) :] == before
    assert len(set(after)) == len(after) < len(before) + 20


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_at_once_while_the_log_is_away(number: signal.Signals) -> None:
    with demo(UNANSWERED) as process:
        time.sleep(2)
        assert seconds_to_end(process, number) < 1


def test_it_ends_at_once_while_the_log_is_frozen_from_the_start(own_node: Node) -> None:
    own_node.signal(signal.SIGSTOP)
    with demo(own_node.uri) as process:
        time.sleep(1)
        assert seconds_to_end(process, signal.SIGTERM) < 1


async def test_it_ends_at_once_while_the_log_is_frozen_in_between(own_node: Node) -> None:
    with demo(own_node.uri) as process:
        await until(own_node, 10)
        own_node.signal(signal.SIGSTOP)
        await asyncio.sleep(1)
        assert seconds_to_end(process, signal.SIGTERM) < 1
