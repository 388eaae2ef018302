"""What Redis holds and what the log holds are compared: whatever does not fit is noticed and built again."""

import time
from collections.abc import Callable
from typing import Any

import pytest
import redis as redis_py

from eventstore.memory import MemoryLog
from projections.audit import audit
from projections.engine import keys, runner, survey
from projections.engine.generations import Gone
from projections.engine.runner import OtherLog, identify
from projections.readmodels import READ_MODELS
from tests.kit.journal import Journal, traffic
from tests.kit.projector import live_number, project_all, projecting, rebuild, settle, until, work_of

pytestmark = pytest.mark.every_server

Damage = Callable[[redis_py.Redis], Any]


def dumped(client: redis_py.Redis) -> dict[Any, Any]:
    names: Any = client.keys("*")
    return {key: client.dump(key) for key in names}


def restore(client: redis_py.Redis, dump: dict[Any, Any]) -> None:
    with client.pipeline(transaction=True) as pipeline:
        pipeline.flushall()
        for key, value in dump.items():
            pipeline.restore(key, 0, value)
        pipeline.execute()


def beginning_of(journal: Journal, events: int) -> Journal:
    """A log that has the first events of `journal`, as a backup of it has."""
    older = Journal()
    older.states = dict(journal.states)
    older.records.all.extend(journal.all[:events])
    for record in older.records.all:
        older.records.streams.setdefault(record.stream, []).append(record)
    return older


def test_an_older_redis_is_noticed_while_nothing_is_booked(
    journal: Journal, url: str, client: redis_py.Redis
) -> None:
    traffic(journal, 100)
    project_all(lambda: journal.log, url)
    older = dumped(client)
    last = traffic(journal, 100)
    with projecting(lambda: journal.log, url):
        settle(client, last)
        restore(client, older)
        settle(client, last)
    assert live_number(client, "balances") == 1
    assert audit(journal.log, client) == []


def test_a_restored_log_that_grew_past_the_checkpoint_is_noticed(
    journal: Journal, url: str, client: redis_py.Redis
) -> None:
    journal.open("anna")
    traffic(journal, 100)
    project_all(lambda: journal.log, url)
    restored = beginning_of(journal, 1)
    restored.states = {}
    last = traffic(restored, 300, seed=2)
    with projecting(lambda: restored.log, url):
        settle(client, last)
        until(lambda: live_number(client, "balances") == 2)
        settle(client, last)
    assert audit(restored.log, client) == []


def test_a_projector_of_another_log_waits_until_the_one_that_runs_has_stopped(
    journal: Journal, url: str, client: redis_py.Redis
) -> None:
    last = traffic(journal, 50)
    other = Journal()
    traffic(other, 80, seed=2)
    with projecting(lambda: journal.log, url):
        settle(client, last)
        until(lambda: bool(client.hget(keys.HEARTBEAT, "log")))
        with pytest.raises(OtherLog) as refused:
            identify(work_of(lambda: other.log, client))
        assert journal.all[0].event_id in str(refused.value)
        assert other.all[0].event_id in str(refused.value)
        with pytest.raises(OtherLog):
            identify(work_of(lambda: Journal().log, client))
        identify(work_of(lambda: journal.log, client))
    with projecting(lambda: other.log, url):
        until(lambda: live_number(client, "balances") == 2)
        settle(client, other.all[-1].position)
    assert audit(other.log, client) == []


DAMAGED: dict[str, Damage] = {
    "the pointer": lambda r: (r.delete(keys.live("balances")), r.sadd(keys.live("balances"), "x")),
    "the pointer's text": lambda r: r.set(keys.live("balances"), "seven"),
    "the meta": lambda r: (r.delete("{balances:1}:meta"), r.set("{balances:1}:meta", "x")),
    "the checkpoint": lambda r: r.hset("{balances:1}:meta", "checkpoint", "x"),
    "the rows": lambda r: (r.delete("{balances:1}:rows"), r.set("{balances:1}:rows", "x")),
    "an order": lambda r: (r.delete("{balances:1}:by_change"), r.rpush("{balances:1}:by_change", "x")),
    "the places": lambda r: (r.delete("{balances:1}:streams"), r.set("{balances:1}:streams", "x")),
    "the parked": lambda r: r.sadd("{balances:1}:parked", "x"),
    "the change feed": lambda r: (r.delete("{balances:1}:changes"), r.set("{balances:1}:changes", "x")),
    "a sum": lambda r: r.hset("{balances:1}:totals", "events", "x"),
    "a strange key": lambda r: r.set("{balances:1}:strange", "x"),
    "the counter": lambda r: (r.delete(keys.counter("balances")), r.rpush(keys.counter("balances"), "x")),
    "the counter's text": lambda r: r.set(keys.counter("balances"), "x"),
    "the counter's loss": lambda r: r.delete(keys.counter("balances")),
    "the previous one": lambda r: r.rpush(keys.previous("balances"), "x"),
    "the one being built": lambda r: r.rpush(keys.building("balances"), "x"),
}


@pytest.mark.parametrize("damage", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_rebuild_repairs_whatever_it_finds(
    journal: Journal, url: str, client: redis_py.Redis, damage: Damage
) -> None:
    traffic(journal, 60)
    project_all(lambda: journal.log, url)
    damage(client)
    (report,) = rebuild(journal.log, client, ["balances"])
    assert report.flipped
    assert live_number(client, "balances") == report.generation != 1
    with projecting(lambda: journal.log, url):
        settle(client, traffic(journal, 20))
    assert audit(journal.log, client) == []


HEALED = {name: damage for name, damage in DAMAGED.items() if name not in ("a strange key", "a sum")} | {
    "the token": lambda r: (r.delete(keys.TOKEN), r.rpush(keys.TOKEN, "x")),
    "the token's text": lambda r: r.set(keys.TOKEN, "x"),
    "the heartbeat": lambda r: (r.delete(keys.HEARTBEAT), r.set(keys.HEARTBEAT, "x")),
}


@pytest.mark.parametrize("damage", HEALED.values(), ids=HEALED.keys())
def test_a_projector_repairs_what_is_damaged_under_it(
    journal: Journal, url: str, client: redis_py.Redis, damage: Damage
) -> None:
    with projecting(lambda: journal.log, url):
        settle(client, traffic(journal, 60))
        damage(client)
        settle(client, traffic(journal, 20))
        until(lambda: is_right(journal, client))


def is_right(journal: Journal, client: redis_py.Redis) -> bool:
    """False also while the audit finds what is damaged."""
    try:
        return audit(journal.log, client) == []
    except (redis_py.RedisError, Gone):
        return False


def test_a_position_that_is_none_heals_at_once(journal: Journal, url: str, client: redis_py.Redis) -> None:
    """Releases before this one stored what a new log answers instead of a position."""
    traffic(journal, 50)
    project_all(lambda: journal.log, url)
    for model in READ_MODELS:
        client.hset(f"{{{model.name}:1}}:meta", "checkpoint", 2**64 - 1)
    with projecting(lambda: journal.log, url):
        settle(client, journal.all[-1].position)
        until(lambda: live_number(client, "feed") == 2)
    assert audit(journal.log, client) == []


def test_a_log_that_holds_nothing_of_ours_is_read_to_its_end_without_checkpoints(
    journal: Journal, url: str, client: redis_py.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "SILENCE", 0.2)
    monkeypatch.setattr(MemoryLog, "subscribe", _without_checkpoints(MemoryLog.subscribe))
    with projecting(lambda: journal.log, url):
        until(lambda: live_number(client, "feed") == 1)
        end = journal.scribble("other-1")
        settle(client, end)
        settle(client, journal.book("anna", 1))
    assert audit(journal.log, client) == []


def _without_checkpoints(subscribe: Any) -> Any:
    class Silent:
        def __init__(self, subscription: Any) -> None:
            self._subscription = subscription
            self.stop = subscription.stop

        def __iter__(self) -> Any:
            return (
                each for each in self._subscription if not hasattr(each, "position") or hasattr(each, "data")
            )

    return lambda *args, **kwargs: Silent(subscribe(*args, **kwargs))


def test_the_survey_does_not_take_a_log_that_lags_for_another_one(
    journal: Journal, url: str, client: redis_py.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a follower of a cluster does, which a projector may be connected to."""
    monkeypatch.setattr(survey, "FOLLOWERS_LAG", 0.3)
    last = traffic(journal, 50)
    project_all(lambda: journal.log, url)
    lagging = time.monotonic() + 0.5

    class Follower(MemoryLog):
        def end(self) -> int:
            return super().end() if time.monotonic() > lagging else last - 1

    with projecting(lambda: Follower(journal.records), url):
        settle(client, traffic(journal, 10))
    assert live_number(client, "balances") == 1
