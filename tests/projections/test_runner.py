"""The projector and failures around it, with a log in memory and a real Valkey."""

import logging
import threading
import time
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import pytest
import redis as redis_py

from eventstore.memory import MemoryLog, MemorySubscription
from eventstore.store import Message, StoreUnavailable
from projections import messages
from projections.audit import audit
from projections.engine import advance, generations, keys, runner, status, survey
from projections.engine.advance import Fenced
from projections.engine.clients import Redis, writer
from projections.engine.facts import Batch
from projections.engine.reading import ReadModelMissing
from projections.readmodels import READ_MODELS
from projections.readmodels.balances import account, totals
from tests.kit.foreign import OF_ACCOUNTS
from tests.kit.journal import Journal, traffic
from tests.kit.projector import live_number, project_all, projecting, rebuild, settle, until, work_of


def test_it_builds_what_is_missing_and_publishes_it_at_the_end_of_the_log(
    journal: Journal, url: str, client: redis_py.Redis
) -> None:
    traffic(journal, 500)
    project_all(lambda: journal.log, url)
    assert audit(journal.log, client) == []


async def test_an_empty_log_gives_read_models_that_are_live_and_empty(
    journal: Journal, url: str, redis: Redis
) -> None:
    project_all(lambda: journal.log, url)
    assert await status.position(redis, READ_MODELS) == 0
    assert (await totals(redis)).accounts == 0


async def test_before_the_first_build_and_after_a_wipe_read_models_are_missing_not_zero(
    journal: Journal, url: str, redis: Redis, client: redis_py.Redis
) -> None:
    assert await status.position(redis, READ_MODELS) is None
    journal.book("anna", 5)
    project_all(lambda: journal.log, url)
    client.flushall()
    assert await status.position(redis, READ_MODELS) is None
    with pytest.raises(ReadModelMissing):
        await totals(redis)
    with pytest.raises(ReadModelMissing):
        await account(redis, "anna")


def test_a_restart_continues_from_the_checkpoint_with_the_same_generation(
    journal: Journal, url: str, client: redis_py.Redis
) -> None:
    for _ in range(3):
        traffic(journal, 50)
        project_all(lambda: journal.log, url)
    assert live_number(client, "balances") == 1
    assert audit(journal.log, client) == []


def test_a_wiped_redis_is_rebuilt_while_it_runs(journal: Journal, url: str, client: redis_py.Redis) -> None:
    traffic(journal, 300)
    with projecting(lambda: journal.log, url):
        settle(client, journal.all[-1].position)
        client.flushall()
        traffic(journal, 50)
        settle(client, journal.all[-1].position)
    assert audit(journal.log, client) == []


def test_a_wiped_redis_is_noticed_without_any_event(
    journal: Journal, url: str, client: redis_py.Redis
) -> None:
    journal.book("anna", 5)
    with projecting(lambda: journal.log, url):
        settle(client, journal.all[-1].position)
        client.flushall()
        settle(client, journal.all[-1].position, seconds=5)


def test_a_redis_restored_to_an_older_state_continues_from_its_older_checkpoint(
    journal: Journal, url: str, client: redis_py.Redis
) -> None:
    traffic(journal, 100)
    project_all(lambda: journal.log, url)
    older = {key: client.dump(key) for key in client.keys("*")}
    with projecting(lambda: journal.log, url):
        traffic(journal, 100)
        settle(client, journal.all[-1].position)
        client.flushall()
        for key, value in older.items():
            client.restore(key, 0, value)  # type: ignore[arg-type]
        traffic(journal, 10)
        settle(client, journal.all[-1].position)
    assert live_number(client, "balances") == 1
    assert audit(journal.log, client) == []


@pytest.mark.parametrize("events", [10, 300])
def test_read_models_of_another_log_are_noticed_and_rebuilt(
    journal: Journal, url: str, client: redis_py.Redis, caplog: pytest.LogCaptureFixture, events: int
) -> None:
    traffic(journal, 100)
    project_all(lambda: journal.log, url)
    other = Journal()
    traffic(other, events, accounts=4)
    with projecting(lambda: other.log, url):
        until(lambda: messages.made_from_another_log("balances") in caplog.text)
        settle(client, other.all[-1].position)
    assert audit(other.log, client) == []
    assert live_number(client, "balances") == 2


def test_read_models_ahead_of_the_log_are_noticed_and_rebuilt(
    journal: Journal, url: str, client: redis_py.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Like a log that was restored from a backup that is older than the read models."""
    monkeypatch.setattr(survey, "FOLLOWERS_LAG", 0.01)
    traffic(journal, 100)
    project_all(lambda: journal.log, url)
    del journal.records.all[50:]
    with projecting(lambda: journal.log, url):
        until(lambda: live_number(client, "feed") == 2)
    assert audit(journal.log, client) == []


def test_a_second_projector_takes_over_and_the_first_says_so(
    journal: Journal, url: str, client: redis_py.Redis
) -> None:
    traffic(journal, 20)
    with projecting(lambda: journal.log, url) as first:
        settle(client, journal.all[-1].position)
        with projecting(lambda: journal.log, url):
            traffic(journal, 20)
            until(lambda: first.ended)
            assert isinstance(first.raised.pop(), Fenced)
            traffic(journal, 20)
            settle(client, journal.all[-1].position)
    assert audit(journal.log, client) == []


def test_a_projector_that_slept_through_a_take_over_writes_nothing(
    journal: Journal, url: str, client: redis_py.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Like a virtual machine that was stopped: the projector still considers itself active, and has a pending batch."""
    awake, asleep = threading.Event(), threading.Event()

    def slow(client: redis_py.Redis, *args: Any, token: int, **kwargs: Any) -> None:
        if token == 1 and len(journal.all) > 20:
            asleep.set()
            awake.wait(20)
        advance.advance(client, *args, token=token, **kwargs)

    monkeypatch.setattr(runner, "advance", slow)
    traffic(journal, 20)
    with projecting(lambda: journal.log, url) as first:
        settle(client, journal.all[-1].position)
        traffic(journal, 20)
        assert asleep.wait(10)
        with projecting(lambda: journal.log, url):
            settle(client, journal.all[-1].position)
            awake.set()
            until(lambda: first.ended)
            assert isinstance(first.raised.pop(), Fenced)
    assert audit(journal.log, client) == []


async def test_a_poison_event_parks_its_stream_and_the_others_continue(
    journal: Journal, url: str, redis: Redis, client: redis_py.Redis
) -> None:
    journal.book("anna", 5)
    journal.scribble("account-anna")
    with projecting(lambda: journal.log, url):
        journal.scribble("account-anna")
        journal.book("eva", 7)
        settle(client, journal.all[-1].position)
        anna, eva = await account(redis, "anna"), await account(redis, "eva")
        parked = [each.parked for each in await status.status(redis, OF_ACCOUNTS)]
    assert anna is not None
    assert eva is not None
    assert (anna.balance, eva.balance, parked) == (5, 7, [1] * len(OF_ACCOUNTS))
    assert client.hget("{balances:1}:parked_events", "account-anna") == b"2"


def test_a_silent_subscription_is_dropped_once_the_log_has_grown_without_it(
    journal: Journal,
    url: str,
    client: redis_py.Redis,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(runner, "SILENCE", 0.2)
    monkeypatch.setattr(runner, "BEAT_EVERY", 0.1)

    class Deaf(MemoryLog):
        """Its first subscription gets only the existing events."""

        def subscribe(self, *, prefixes: Any, after: int | None, without: Collection[str] = ()) -> Any:
            live = bool(openings)
            openings.append(after)
            return self._subscription(prefixes, after, live=True) if live else Hung(self, prefixes, after)

    class Hung:
        def __init__(self, log: MemoryLog, prefixes: Any, after: int | None) -> None:
            self.there = list(log.read(prefixes=prefixes, after=after))
            self.stopped = threading.Event()

        def __iter__(self) -> Any:
            yield from self.there
            self.stopped.wait(30)

        def stop(self) -> None:
            self.stopped.set()

    openings: list[int | None] = []
    seen = journal.book("anna", 1)
    with projecting(lambda: Deaf(journal.records), url):
        until(lambda: bool(openings))
        time.sleep(0.3)
        end = journal.book("anna", 2)
        settle(client, end)
    assert messages.subscription_silent(end, seen) in caplog.text


def test_a_log_that_fails_is_asked_again_until_it_answers(
    journal: Journal, url: str, client: redis_py.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    tries = iter(range(100))

    def open_log() -> MemoryLog:
        if next(tries) < 2:
            raise StoreUnavailable("No answer from the log.")
        return journal.log

    journal.book("anna", 1)
    with projecting(open_log, url):
        settle(client, journal.all[-1].position)
    assert "No answer from the log" in caplog.text


async def test_the_heartbeat_has_its_position_and_ends_with_the_projector(
    journal: Journal, url: str, redis: Redis, client: redis_py.Redis
) -> None:
    journal.book("anna", 1)
    with projecting(lambda: journal.log, url):
        settle(client, journal.all[-1].position)
        until(lambda: client.hget(keys.HEARTBEAT, "position") == str(journal.all[-1].position).encode())
        (status_, *_) = await status.status(redis, READ_MODELS)
        assert 0 < client.pttl(keys.HEARTBEAT) <= 5_000
    assert status_.head == journal.all[-1].position
    assert status_.heartbeat_age is not None
    assert status_.heartbeat_age < 2
    assert status_.log == journal.all[0].event_id
    assert not client.exists(keys.HEARTBEAT)


class Held(MemorySubscription):
    """Yields nothing after the first event until it is released."""

    go = threading.Event()

    def __iter__(self) -> Iterator[Message]:
        for message in super().__iter__():
            yield message
            self.go.wait(10)

    def stop(self) -> None:
        self.go.set()
        super().stop()


async def is_catching_up(redis: Redis) -> bool:
    found = await status.status(redis, READ_MODELS)
    return any((one.position or 0) < (one.head or 0) for one in found)


class HeldLog(MemoryLog):
    def subscribe(self, *, prefixes: Sequence[str], after: int | None, without: Collection[str] = ()) -> Held:
        return Held(self._records, tuple(prefixes), after, live=True)


async def test_a_projector_that_is_behind_reports_the_end_of_the_log(
    journal: Journal, url: str, redis: Redis, client: redis_py.Redis
) -> None:
    traffic(journal, 20)
    project_all(lambda: journal.log, url)
    built = len(journal.all)
    traffic(journal, 20)
    with projecting(lambda: HeldLog(journal.records), url):
        until(lambda: client.hget(keys.HEARTBEAT, "head") == str(journal.all[-1].position).encode())
        until(lambda: client.hget(keys.HEARTBEAT, "position") == str(journal.all[built].position).encode())
        assert await is_catching_up(redis)
        Held.go.set()
        settle(client, journal.all[-1].position)
        assert not await is_catching_up(redis)


def test_the_servers_own_events_at_the_end_do_not_make_it_another_log(
    journal: Journal, url: str, client: redis_py.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    traffic(journal, 20)
    for _ in range(5):
        end = journal.scribble("$et-MoneyDeposited")
    for _ in range(2):
        with projecting(lambda: journal.log, url):
            settle(client, end)
    assert live_number(client, "balances") == 1
    assert "another log" not in caplog.text
    assert rebuild(journal.log, client, ["balances"])[0].differences == 0


def test_a_commit_whose_reply_was_lost_is_not_made_twice(
    journal: Journal, url: str, client: redis_py.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = iter(range(100))

    def losing(*args: Any, **kwargs: Any) -> None:
        advance.advance(*args, **kwargs)
        if next(lost) % 3 == 1:
            raise redis_py.ConnectionError("the reply was lost")

    monkeypatch.setattr(runner, "advance", losing)
    with projecting(lambda: journal.log, url):
        for _ in range(8):
            traffic(journal, 5)
            time.sleep(0.02)
        settle(client, journal.all[-1].position, seconds=30)
    assert audit(journal.log, client) == []


def test_a_generation_made_live_elsewhere_is_followed_from_its_own_checkpoint(
    journal: Journal, url: str, client: redis_py.Redis
) -> None:
    traffic(journal, 50)
    with projecting(lambda: journal.log, url):
        settle(client, journal.all[-1].position)
        made = generations.create(client, "history", 1)
        before = generations.live(client, "history")
        assert generations.publish(client, made, instead_of=before)
        traffic(journal, 5)
        settle(client, journal.all[-1].position)
    assert audit(journal.log, client) == []


def test_stopping_is_prompt(journal: Journal, url: str) -> None:
    stop = threading.Event()
    with writer(url) as client:
        thread = threading.Thread(target=runner.run, args=(work_of(lambda: journal.log, client), stop))
        thread.start()
        time.sleep(0.2)
        stop.set()
        thread.join(2)
        assert not thread.is_alive()


def test_logging_is_not_noisy_while_all_is_well(
    journal: Journal, url: str, client: redis_py.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), projecting(lambda: journal.log, url):
        traffic(journal, 100)
        settle(client, journal.all[-1].position)
    assert caplog.records == []


def test_a_rare_event_is_committed_at_once_and_more_are_gathered_the_more_there_were() -> None:
    assert (runner.gathering(0), runner.gathering(1)) == (0, 0)
    assert 0 < runner.gathering(2) < runner.gathering(3) < runner.GATHER_MOST
    assert runner.gathering(runner.LIVE_BATCH) == runner.GATHER_MOST


def test_what_follows_several_events_is_committed_together(
    journal: Journal, url: str, client: redis_py.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits: list[int] = []

    def counted(client: redis_py.Redis, targets: Any, batch: Batch, **where: int) -> None:
        commits.append(len(batch.facts))
        advance.advance(client, targets, batch, **where)

    monkeypatch.setattr(runner, "advance", counted)
    monkeypatch.setattr(runner, "GATHER_EACH", 1.0)
    monkeypatch.setattr(runner, "GATHER_MOST", 1.0)
    with projecting(lambda: journal.log, url):
        for _ in range(2):  # the second one comes while it follows the log
            traffic(journal, 1)
            settle(client, journal.all[-1].position)
        commits.clear()
        traffic(journal, 10)
        for _ in range(10):
            traffic(journal, 1)
            time.sleep(0.02)
        settle(client, journal.all[-1].position)
        assert len([count for count in commits if count]) < 6
