"""Rebuilds next to a running projector, on a log in memory and a real Valkey."""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest
import redis as redis_py

from projections import messages
from projections.audit import audit, audit_generation
from projections.engine import compare, generations, keys, proof, replay
from projections.engine.clients import Redis, writer
from projections.engine.inbox import Interrupted
from projections.engine.rebuild import Progress, RebuildFailed, roll_back
from projections.engine.rebuild import rebuild as rebuild_models
from projections.readmodels import NAMES, balances
from projections.readmodels.balances import account
from tests.kit.journal import Journal, traffic
from tests.kit.messages import pattern_of
from tests.kit.projector import live_number, project_all, projecting, rebuild, settle, until
from tests.projections.counts import ONE, TWO

pytestmark = pytest.mark.every_server


@contextmanager
def steady(journal: Journal, *, pause: float = 0.002) -> Iterator[None]:
    """Sends commands during the block."""
    stop = threading.Event()

    def work() -> None:
        seed = 100
        while not stop.wait(pause):
            seed += 1
            traffic(journal, 1, accounts=15, seed=seed)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)


def test_a_rebuild_under_traffic_finds_no_difference_goes_live_and_is_followed(
    journal: Journal, url: str, client: redis_py.Redis
) -> None:
    traffic(journal, 2_000)
    with projecting(lambda: journal.log, url):
        settle(client, journal.all[-1].position)
        with steady(journal):
            for turn in range(3):
                reports = rebuild(journal.log, client, NAMES)
                assert [report.projection for report in reports] == list(NAMES)
                assert [report.listed for report in reports] == [()] * len(NAMES)
                assert all(report.flipped and report.events >= 2_000 for report in reports)
                assert {report.generation for report in reports} == {turn + 2}
                time.sleep(0.3)
        settle(client, journal.all[-1].position)
    assert audit(journal.log, client) == []


def test_two_generations_are_kept_and_older_ones_removed(
    journal: Journal, url: str, client: redis_py.Redis
) -> None:
    traffic(journal, 50)
    project_all(lambda: journal.log, url)
    for _ in range(3):
        rebuild(journal.log, client, ["history"])
    found: Any = client.keys("{history*")
    left = {bytes(key).partition(b"}")[0] for key in found}
    assert left == {b"{history:3", b"{history:4"}


async def test_every_change_by_hand_is_named_and_repaired(
    journal: Journal, url: str, client: redis_py.Redis, redis: Redis
) -> None:
    traffic(journal, 100, accounts=5)
    project_all(lambda: journal.log, url)
    right = await account(redis, "acc-1")
    prefix = "{balances:1}:"
    client.hset(f"{prefix}rows", "acc-1", client.hget(f"{prefix}rows", "acc-2") or b"")
    client.zadd(f"{prefix}by_change", {"ghost": 5})
    client.hincrby(f"{prefix}totals", "accounts", 1)
    client.rpush("{history:1}:entries:ghost", "x")
    client.ltrim("{history:1}:entries:acc-2", 1, -1)
    assert len(audit(journal.log, client)) == 4
    rows, entries = rebuild(journal.log, client, ["balances", "history"])
    assert [(each.key, each.member) for each in rows.listed] == [
        ("rows", "acc-1"),
        ("totals", "accounts"),
        ("by_change", "ghost"),
    ]
    assert [each.key for each in entries.listed] == ["entries:acc-2", "entries:ghost"]
    assert (rows.differences, entries.differences) == (3, 2)
    assert await account(redis, "acc-1") == right
    assert audit(journal.log, client) == []


def test_a_tampered_value_is_named_under_traffic_on_its_own_account_too(
    journal: Journal, url: str, client: redis_py.Redis
) -> None:
    traffic(journal, 1_000)
    with projecting(lambda: journal.log, url):
        settle(client, journal.all[-1].position)
        client.hincrby("{balances:1}:totals", "events", 7)
        with steady(journal):
            (report,) = rebuild(journal.log, client, ["balances"])
        settle(client, journal.all[-1].position)
    assert [(each.key, each.member) for each in report.listed] == [("totals", "events")]
    assert audit(journal.log, client) == []


async def test_a_roll_back_makes_the_previous_generation_live_and_the_projector_continues_it(
    journal: Journal, url: str, client: redis_py.Redis
) -> None:
    traffic(journal, 100)
    with projecting(lambda: journal.log, url):
        settle(client, journal.all[-1].position)
        rebuild(journal.log, client, ["balances"])
        traffic(journal, 20)
        settle(client, journal.all[-1].position)
        assert roll_back(client, "balances") == 1
        traffic(journal, 20)
        settle(client, journal.all[-1].position)
        assert live_number(client, "balances") == 1
        assert roll_back(client, "balances") == 2
        settle(client, journal.all[-1].position)
    assert audit(journal.log, client) == []


def test_a_sweep_removes_what_a_killed_projector_left_unfinished(
    journal: Journal, url: str, client: redis_py.Redis
) -> None:
    traffic(journal, 20)
    project_all(lambda: journal.log, url)
    unfinished = generations.create(client, "balances", balances.MODEL.version)
    (report,) = rebuild(journal.log, client, ["balances"])
    assert report.generation == unfinished.number + 1
    assert {number for number in (1, 2, 3) if client.exists(f"{{balances:{number}}}:meta")} == {1, 3}


def test_a_sweep_after_a_rollback_keeps_the_live_generation(
    journal: Journal, url: str, client: redis_py.Redis
) -> None:
    """One read model is rolled back while a rebuild of several still runs, which sweeps at its end."""
    traffic(journal, 50)
    project_all(lambda: journal.log, url)
    rebuild(journal.log, client, ["balances"])
    assert roll_back(client, "balances") == 1
    generations.sweep(client, "balances")
    assert generations.live(client, "balances") is not None
    assert audit(journal.log, client) == []


def test_a_failure_after_the_flip_keeps_the_live_generation(
    journal: Journal, url: str, client: redis_py.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redis flipped the pointer, but its answer, or one after it, was lost."""

    def lost(*args: Any, **kwargs: Any) -> bool:
        flip(*args, **kwargs)
        raise redis_py.ConnectionError("the answer was lost")

    traffic(journal, 50)
    project_all(lambda: journal.log, url)
    flip = generations.publish
    monkeypatch.setattr(generations, "publish", lost)
    with pytest.raises(redis_py.ConnectionError):
        rebuild(journal.log, client, ["balances"])
    assert live_number(client, "balances") == 2
    assert audit(journal.log, client) == []


def test_without_an_earlier_generation_a_roll_back_is_refused(
    journal: Journal, url: str, client: redis_py.Redis
) -> None:
    project_all(lambda: journal.log, url)
    with pytest.raises(RebuildFailed):
        roll_back(client, "feed")


def test_a_rebuild_without_any_projector_builds_the_read_models(
    journal: Journal, client: redis_py.Redis
) -> None:
    traffic(journal, 100)
    reports = rebuild(journal.log, client, NAMES)
    assert all(report.flipped for report in reports)
    assert audit(journal.log, client) == []


def test_a_rebuild_from_another_log_than_that_of_the_read_models_is_refused(
    journal: Journal, url: str, client: redis_py.Redis
) -> None:
    end = traffic(journal, 100)
    project_all(lambda: journal.log, url)
    with pytest.raises(RebuildFailed, match=re.escape(messages.beyond_the_end("balances", end))):
        rebuild(Journal().log, client, ["balances"])
    assert live_number(client, "balances") == 1


def test_a_failed_rebuild_leaves_nothing_behind_and_the_live_generation_as_it_was(
    journal: Journal, url: str, client: redis_py.Redis
) -> None:
    traffic(journal, 100)
    project_all(lambda: journal.log, url)

    def fail(progress: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(journal.log, client, NAMES, fail)
    assert client.keys("{*:2}*") == []
    assert audit(journal.log, client) == []


@pytest.mark.parametrize("at", ["audit", "proof"])
def test_a_rebuild_that_is_stopped_during_its_proof_leaves_nothing_behind(
    journal: Journal, url: str, client: redis_py.Redis, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    stop = threading.Event()

    def audited(*args: Any) -> list[str]:
        stop.set()
        return []

    def looked(*args: Any) -> Any:
        stop.set()
        return suspects(*args)

    traffic(journal, 100)
    project_all(lambda: journal.log, url, [ONE])
    suspects = compare.suspects
    if at == "proof":
        monkeypatch.setattr(proof, "suspects", looked)
    with pytest.raises(Interrupted):
        rebuild_models(journal.log, client, [TWO, balances.MODEL], audited, stop=stop)
    assert live_number(client, "counts") == 1
    assert client.keys("{*:2}*") == client.keys("daybook:building:*") == client.keys("{balances*") == []


def test_a_rebuild_that_is_refused_for_one_model_leaves_nothing_of_the_others(
    journal: Journal, url: str, client: redis_py.Redis
) -> None:
    end = traffic(journal, 100)
    project_all(lambda: journal.log, url, [ONE])
    with pytest.raises(RebuildFailed, match=re.escape(messages.beyond_the_end(ONE.name, end))):
        rebuild_models(Journal().log, client, [balances.MODEL, ONE], audit_generation)
    assert client.keys("daybook:building:*") == client.keys("{balances*") == []


def flush(client: redis_py.Redis) -> None:
    client.flushall()


def test_a_redis_wiped_during_a_rebuild_fails_it_and_the_projector_rebuilds(
    journal: Journal, url: str, client: redis_py.Redis
) -> None:
    traffic(journal, 500)
    with projecting(lambda: journal.log, url), writer(url) as other:
        settle(client, journal.all[-1].position)
        with pytest.raises(RebuildFailed, match=pattern_of(messages.changed_during_rebuild)):
            rebuild(journal.log, other, NAMES, lambda progress: flush(client))
        settle(client, journal.all[-1].position)
        until(lambda: client.get(keys.live("feed")) is not None)
    assert audit(journal.log, client) == []


def test_progress_has_the_rate_and_the_remaining_time(
    journal: Journal, client: redis_py.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "BATCH", 100)
    traffic(journal, 1_000)
    reports: list[Progress] = []
    rebuild(journal.log, client, ["feed"], reports.append)
    assert [progress.events for progress in reports][:3] == [100, 200, 300]
    assert reports[-1].position == reports[-1].head == journal.all[-1].position
    assert reports[-1].eta == 0
    assert all(one.eta > 0 and one.events_per_s > 0 for one in reports[:-1])


def test_a_model_without_any_event_is_built_up_to_the_end_of_the_log(
    journal: Journal, url: str, client: redis_py.Redis
) -> None:
    """So that the projector does not read the whole log again for it, and hold up the others."""
    end = traffic(journal, 100)
    model = msgspec.structs.replace(ONE, categories=("user",))
    rebuild_models(journal.log, client, [model], audit_generation)
    generation = generations.live(client, model.name)
    assert generation is not None
    assert generation.checkpoint == end
