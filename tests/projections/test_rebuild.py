"""Rebuilds beside a running projector, on a log in memory and a real Valkey."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import redis as redis_py

from projections import keys, rebuild
from projections.audit import audit
from projections.catalog import NAMES
from projections.clients import Redis, writer
from projections.queries import account
from projections.rebuild import Progress, RebuildFailed, roll_back
from tests.kit.ledger import Ledger, traffic
from tests.kit.projector import project_all, projecting, settle, until


@contextmanager
def steady(ledger: Ledger, *, pause: float = 0.002) -> Iterator[None]:
    """Commands that go on during the block."""
    stop = threading.Event()

    def work() -> None:
        seed = 100
        while not stop.wait(pause):
            seed += 1
            traffic(ledger, 1, accounts=15, seed=seed)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)


def test_a_rebuild_under_traffic_differs_in_nothing_goes_live_and_is_followed(
    ledger: Ledger, url: str, client: redis_py.Redis
) -> None:
    traffic(ledger, 2_000)
    with projecting(lambda: ledger.log, url):
        settle(client, ledger.all[-1].position)
        with steady(ledger):
            for turn in range(3):
                reports = rebuild.rebuild(ledger.log, client, NAMES)
                assert [report.projection for report in reports] == list(NAMES)
                assert [report.listed for report in reports] == [(), (), ()]
                assert all(report.flipped and report.events >= 2_000 for report in reports)
                assert {report.generation for report in reports} == {turn + 2}
                time.sleep(0.3)
        settle(client, ledger.all[-1].position)
    assert audit(ledger.log, client) == []


def test_two_generations_are_kept_and_older_ones_removed(
    ledger: Ledger, url: str, client: redis_py.Redis
) -> None:
    traffic(ledger, 50)
    project_all(lambda: ledger.log, url)
    for _ in range(3):
        rebuild.rebuild(ledger.log, client, ["history"])
    found: Any = client.keys("{history*")
    left = {bytes(key).partition(b"}")[0] for key in found}
    assert left == {b"{history:3", b"{history:4"}


async def test_what_was_tampered_with_is_named_and_repaired(
    ledger: Ledger, url: str, client: redis_py.Redis, redis: Redis
) -> None:
    traffic(ledger, 100, accounts=5)
    project_all(lambda: ledger.log, url)
    right = await account(redis, "acc-1")
    prefix = "{balances:1}:"
    client.hset(f"{prefix}rows", "acc-1", client.hget(f"{prefix}rows", "acc-2") or b"")
    client.zadd(f"{prefix}by_change", {"ghost": 5})
    client.hincrby(f"{prefix}totals", "accounts", 1)
    client.rpush("{history:1}:entries:ghost", "x")
    client.ltrim("{history:1}:entries:acc-2", 1, -1)
    assert len(audit(ledger.log, client)) == 4
    balances, history = rebuild.rebuild(ledger.log, client, ["balances", "history"])
    assert [(each.key, each.member) for each in balances.listed] == [
        ("rows", "acc-1"),
        ("totals", "accounts"),
        ("by_change", "ghost"),
    ]
    assert [each.key for each in history.listed] == ["entries:acc-2", "entries:ghost"]
    assert (balances.differences, history.differences) == (3, 2)
    assert await account(redis, "acc-1") == right
    assert audit(ledger.log, client) == []


def test_a_tampered_value_is_named_under_traffic_on_its_own_account_too(
    ledger: Ledger, url: str, client: redis_py.Redis
) -> None:
    traffic(ledger, 1_000)
    with projecting(lambda: ledger.log, url):
        settle(client, ledger.all[-1].position)
        client.hincrby("{balances:1}:totals", "events", 7)
        with steady(ledger):
            (report,) = rebuild.rebuild(ledger.log, client, ["balances"])
        settle(client, ledger.all[-1].position)
    assert [(each.key, each.member) for each in report.listed] == [("totals", "events")]
    assert audit(ledger.log, client) == []


async def test_a_roll_back_makes_the_generation_before_live_and_the_projector_goes_on_with_it(
    ledger: Ledger, url: str, client: redis_py.Redis
) -> None:
    traffic(ledger, 100)
    with projecting(lambda: ledger.log, url):
        settle(client, ledger.all[-1].position)
        rebuild.rebuild(ledger.log, client, ["balances"])
        traffic(ledger, 20)
        settle(client, ledger.all[-1].position)
        assert roll_back(client, "balances") == 1
        traffic(ledger, 20)
        settle(client, ledger.all[-1].position)
        assert client.get(keys.live("balances")) == b"1"
        assert roll_back(client, "balances") == 2
        settle(client, ledger.all[-1].position)
    assert audit(ledger.log, client) == []


def test_without_an_earlier_generation_there_is_no_roll_back(
    ledger: Ledger, url: str, client: redis_py.Redis
) -> None:
    project_all(lambda: ledger.log, url)
    with pytest.raises(RebuildFailed, match="no earlier generation"):
        roll_back(client, "feed")


def test_a_rebuild_without_any_projector_builds_the_read_models(
    ledger: Ledger, client: redis_py.Redis
) -> None:
    traffic(ledger, 100)
    reports = rebuild.rebuild(ledger.log, client, NAMES)
    assert all(report.flipped for report in reports)
    assert audit(ledger.log, client) == []


def test_a_rebuild_of_a_log_that_the_read_models_are_not_of_is_refused(
    ledger: Ledger, url: str, client: redis_py.Redis
) -> None:
    traffic(ledger, 100)
    project_all(lambda: ledger.log, url)
    with pytest.raises(RebuildFailed, match="beyond the end of this log"):
        rebuild.rebuild(Ledger().log, client, ["balances"])
    assert client.get(keys.live("balances")) == b"1"


def test_a_failed_rebuild_leaves_nothing_behind_and_the_live_generation_as_it_was(
    ledger: Ledger, url: str, client: redis_py.Redis
) -> None:
    traffic(ledger, 100)
    project_all(lambda: ledger.log, url)

    def fail(progress: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild.rebuild(ledger.log, client, NAMES, fail)
    assert client.keys("{*:2}*") == []
    assert audit(ledger.log, client) == []


def flush(client: redis_py.Redis) -> None:
    client.flushall()


def test_redis_wiped_under_a_rebuild_fails_it_and_the_projector_builds_anew(
    ledger: Ledger, url: str, client: redis_py.Redis
) -> None:
    traffic(ledger, 500)
    with projecting(lambda: ledger.log, url), writer(url) as other:
        settle(client, ledger.all[-1].position)
        with pytest.raises(RebuildFailed, match="Redis was wiped"):
            rebuild.rebuild(ledger.log, other, NAMES, lambda progress: flush(client))
        settle(client, ledger.all[-1].position)
        until(lambda: client.get(keys.live("feed")) is not None)
    assert audit(ledger.log, client) == []


def test_progress_tells_the_rate_and_what_is_left(
    ledger: Ledger, client: redis_py.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuild, "BATCH", 100)
    traffic(ledger, 1_000)
    told: list[Progress] = []
    rebuild.rebuild(ledger.log, client, ["feed"], told.append)
    assert [progress.events for progress in told][:3] == [100, 200, 300]
    assert told[-1].position == told[-1].head == ledger.all[-1].position
    assert told[-1].eta == 0
    assert all(one.eta > 0 and one.events_per_s > 0 for one in told[:-1])
