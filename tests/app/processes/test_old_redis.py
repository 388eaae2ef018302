"""A Redis that is too old is refused at the start, by its name and version."""

import asyncio
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from projections import messages
from projections.engine.server import drops_keys, too_old
from tests.kit.messages import pattern_of
from tests.kit.node import PROJECT
from tests.kit.proxy import proxy_to
from tests.kit.valkey import valkey

VERBS = (["projector"], ["web", "--port", "0"], ["status"], ["rebuild"], ["verify"])


def as_redis_6(reply: bytes) -> bytes:
    return re.sub(rb"redis_version:7", b"redis_version:6", reply)


@pytest.mark.slow
async def test_each_part_and_verb_refuses_a_redis_that_is_too_old(tmp_path: Path) -> None:
    port = free_port()
    with valkey("--port", str(port)):
        async with proxy_to(port, as_redis_6) as old:
            for verb in VERBS:
                code, said = await asyncio.to_thread(run, verb, old.port, tmp_path)
                assert code == 1, said
                assert re.search(pattern_of(messages.redis_too_old, oldest="7.0"), said)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def run(verb: list[str], port: int, data: Path) -> tuple[int, str]:
    """The exit code and what was said on standard error."""
    addresses = {"DAYBOOK_ESDB_URI": "esdb://127.0.0.1:1", "DAYBOOK_REDIS_URL": f"redis://127.0.0.1:{port}"}
    done = subprocess.run(
        [sys.executable, "-m", "app", *verb],
        cwd=PROJECT,
        env={**os.environ, **addresses, "DAYBOOK_DATA": str(data)},
        capture_output=True,
        text=True,
        timeout=30,
    )
    return done.returncode, done.stderr.strip()


@pytest.mark.parametrize("version", ["7.0.0", "7.0.15", "7.2.4", "8.0.1", "10.1.0"])
def test_redis_7_and_newer_are_supported(version: str) -> None:
    assert too_old({"redis_version": version}) is None


@pytest.mark.parametrize("version", ["2.8.24", "6.2.14"])
def test_older_ones_are_named_with_their_version(version: str) -> None:
    assert too_old({"redis_version": version}) == messages.redis_too_old(version, "7.0")


def test_only_a_server_with_bounded_memory_and_a_policy_that_evicts_drops_keys() -> None:
    assert drops_keys({"maxmemory": 0, "maxmemory_policy": "allkeys-lru"}) is None
    assert drops_keys({"maxmemory": 100, "maxmemory_policy": "noeviction"}) is None
    evicting = {"maxmemory": 100, "maxmemory_policy": "volatile-ttl"}
    assert drops_keys(evicting) == messages.redis_drops_keys("volatile-ttl")
