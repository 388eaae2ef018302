"""The projector process while its servers fail: commands continue, and the read models end equal to the log."""

import random
import re
import signal
import time
from pathlib import Path

import pytest

from eventstore.esdb import EsdbLog
from projections import messages
from projections.engine import keys
from projections.engine.generations import live
from projections.readmodels import NAMES, PREFIXES
from tests.faults.conftest import Servers
from tests.kit.bookkeeper import bookkeeping
from tests.kit.messages import pattern_of
from tests.kit.parts import Part
from tests.kit.projector import live_number, rebuild, settle, until
from tests.kit.projectors import projector

ROUNDS = 22


@pytest.mark.timeout(240)
def test_a_projector_killed_again_and_again_loses_and_doubles_nothing(
    servers: Servers, tmp_path: Path
) -> None:
    chance = random.Random(7)
    reached = []
    with bookkeeping(servers.node.uri) as keeper:
        for _ in range(ROUNDS):
            with projector(servers.node.uri, servers.valkey.url, tmp_path / "said") as running:
                before = position(servers)
                until(lambda before=before: position(servers) > before)  # type: ignore[misc]
                time.sleep(chance.uniform(0, 0.15))
                running.kill()
                reached.append(position(servers))
    with projector(servers.node.uri, servers.valkey.url, tmp_path / "said"):
        servers.agree()
    assert keeper.booked > ROUNDS
    assert reached == sorted(set(reached)), "every round got on"
    assert live_number(servers.client, "balances") == 1


def waits(first: Part) -> bool:
    return re.search(pattern_of(messages.waiting_for_the_other), first.said()) is not None


def position(servers: Servers) -> int:
    found = [live(servers.client, name) for name in NAMES]
    return min(each.checkpoint if each else -1 for each in found)


def test_a_redis_that_was_wiped_is_filled_again(servers: Servers, tmp_path: Path) -> None:
    with bookkeeping(servers.node.uri), projector(servers.node.uri, servers.valkey.url, tmp_path / "said"):
        for _ in range(3):
            until(lambda: servers.client.get(keys.live("feed")) is not None)
            time.sleep(0.3)
            servers.client.flushall()
    with projector(servers.node.uri, servers.valkey.url, tmp_path / "said"):
        servers.agree()


def test_work_continues_after_valkey_was_killed_and_started_again(servers: Servers, tmp_path: Path) -> None:
    with projector(servers.node.uri, servers.valkey.url, tmp_path / "said"):
        with bookkeeping(servers.node.uri):
            for _ in range(3):
                until(lambda: servers.client.get(keys.live("feed")) is not None)
                time.sleep(0.4)
                servers.valkey.kill()
                time.sleep(0.3)
                servers.valkey.start()
        servers.agree()


def test_work_continues_after_the_node_was_killed_and_started_again(servers: Servers, tmp_path: Path) -> None:
    with projector(servers.node.uri, servers.valkey.url, tmp_path / "said"):
        with bookkeeping(servers.node.uri):
            until(lambda: servers.client.get(keys.live("balances")) is not None)
            for _ in range(3):
                time.sleep(0.5)
                servers.node.kill()
                time.sleep(0.3)
                servers.node.start()
        servers.agree()
    assert live_number(servers.client, "balances") == 1


def test_the_second_projector_takes_over_and_the_first_waits_and_returns(
    servers: Servers, tmp_path: Path
) -> None:
    with (
        bookkeeping(servers.node.uri),
        projector(servers.node.uri, servers.valkey.url, tmp_path / "first") as first,
    ):
        until(lambda: servers.client.get(keys.live("feed")) is not None)
        with projector(servers.node.uri, servers.valkey.url, tmp_path / "second") as second:
            until(lambda: waits(first))
            before = position(servers)
            until(lambda: position(servers) > before)
            second.kill()
        after = position(servers)
        until(lambda: position(servers) > after)
        assert first.stop() == 0
    with projector(servers.node.uri, servers.valkey.url, tmp_path / "third"):
        servers.agree()


def test_a_frozen_projector_that_wakes_after_a_take_over_changes_nothing(
    servers: Servers, tmp_path: Path
) -> None:
    with projector(servers.node.uri, servers.valkey.url, tmp_path / "first") as first:
        with bookkeeping(servers.node.uri):
            until(lambda: servers.client.get(keys.live("feed")) is not None)
            first.freeze()
            with projector(servers.node.uri, servers.valkey.url, tmp_path / "second"):
                before = position(servers)
                until(lambda: position(servers) > before)
                first.thaw()
                until(lambda: waits(first))
                before = position(servers)
                until(lambda: position(servers) > before)
        servers.agree()


def test_rebuilds_under_traffic_find_no_difference_and_stop_no_one(servers: Servers, tmp_path: Path) -> None:
    log = EsdbLog(servers.node.uri)
    with projector(servers.node.uri, servers.valkey.url, tmp_path / "said"):
        with bookkeeping(servers.node.uri):
            until(lambda: servers.client.get(keys.live("feed")) is not None)
            for generation in (2, 3, 4):
                reports = rebuild(log, servers.client, NAMES)
                assert [(each.differences, each.listed) for each in reports] == [(0, ())] * len(NAMES)
                assert {each.generation for each in reports} == {generation}
                before = log.head(prefixes=PREFIXES)
                settle(servers.client, before, seconds=3)
                until(lambda before=before: position(servers) > before)  # type: ignore[misc]
        servers.agree()
    log.close()


def test_servers_that_freeze_for_a_while_are_waited_for(servers: Servers, tmp_path: Path) -> None:
    assert servers.valkey.process
    with projector(servers.node.uri, servers.valkey.url, tmp_path / "said"):
        with bookkeeping(servers.node.uri):
            until(lambda: servers.client.get(keys.live("feed")) is not None)
            for frozen in (servers.valkey.process, servers.node.process):
                frozen.send_signal(signal.SIGSTOP)
                time.sleep(1.5)
                frozen.send_signal(signal.SIGCONT)
                time.sleep(0.3)
        servers.agree()
    assert live_number(servers.client, "balances") == 1
