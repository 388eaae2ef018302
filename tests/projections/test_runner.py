"""The projector beside what goes wrong around it, on a log in memory and a real Valkey."""

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import redis as redis_py

from eventstore.memory import MemoryLog, MemorySubscription
from eventstore.store import Message, StoreUnavailable
from projections import advance, generations, keys, runner
from projections.advance import Fenced
from projections.audit import audit
from projections.clients import Redis, writer
from projections.queries import ReadModelMissing, account, position, status, totals
from projections.rebuild import rebuild
from tests.kit.ledger import Ledger, traffic
from tests.kit.projector import project_all, projecting, settle, until
from web.live import status as read_models


def test_it_builds_what_is_missing_and_publishes_it_at_the_end_of_the_log(
    ledger: Ledger, url: str, client: redis_py.Redis
) -> None:
    traffic(ledger, 500)
    project_all(lambda: ledger.log, url)
    assert audit(ledger.log, client) == []


async def test_an_empty_log_gives_read_models_that_are_empty_and_there(
    ledger: Ledger, url: str, redis: Redis
) -> None:
    project_all(lambda: ledger.log, url)
    assert await position(redis) == 0
    assert (await totals(redis)).accounts == 0


async def test_before_the_first_build_and_after_a_wipe_read_models_are_missing_not_zero(
    ledger: Ledger, url: str, redis: Redis, client: redis_py.Redis
) -> None:
    assert await position(redis) is None
    ledger.book("anna", 5)
    project_all(lambda: ledger.log, url)
    client.flushall()
    assert await position(redis) is None
    with pytest.raises(ReadModelMissing, match="being rebuilt"):
        await totals(redis)
    with pytest.raises(ReadModelMissing):
        await account(redis, "anna")


def test_a_restart_goes_on_from_the_checkpoint_with_the_same_generation(
    ledger: Ledger, url: str, client: redis_py.Redis
) -> None:
    for _ in range(3):
        traffic(ledger, 50)
        project_all(lambda: ledger.log, url)
    assert client.get(keys.live("balances")) == b"1"
    assert audit(ledger.log, client) == []


def test_a_wiped_redis_is_built_anew_while_it_runs(ledger: Ledger, url: str, client: redis_py.Redis) -> None:
    traffic(ledger, 300)
    with projecting(lambda: ledger.log, url):
        settle(client, ledger.all[-1].position)
        client.flushall()
        traffic(ledger, 50)
        settle(client, ledger.all[-1].position)
    assert audit(ledger.log, client) == []


def test_a_wiped_redis_is_noticed_without_any_event(ledger: Ledger, url: str, client: redis_py.Redis) -> None:
    ledger.book("anna", 5)
    with projecting(lambda: ledger.log, url):
        settle(client, ledger.all[-1].position)
        client.flushall()
        settle(client, ledger.all[-1].position, seconds=5)


def test_a_redis_set_back_to_an_older_state_goes_on_from_its_older_checkpoint(
    ledger: Ledger, url: str, client: redis_py.Redis
) -> None:
    traffic(ledger, 100)
    project_all(lambda: ledger.log, url)
    older = {key: client.dump(key) for key in client.keys("*")}
    with projecting(lambda: ledger.log, url):
        traffic(ledger, 100)
        settle(client, ledger.all[-1].position)
        client.flushall()
        for key, value in older.items():
            client.restore(key, 0, value)  # type: ignore[arg-type]
        traffic(ledger, 10)
        settle(client, ledger.all[-1].position)
    assert client.get(keys.live("balances")) == b"1"
    assert audit(ledger.log, client) == []


@pytest.mark.parametrize("events", [10, 300])
def test_read_models_of_another_log_are_noticed_and_built_anew(
    ledger: Ledger, url: str, client: redis_py.Redis, caplog: pytest.LogCaptureFixture, events: int
) -> None:
    traffic(ledger, 100)
    project_all(lambda: ledger.log, url)
    other = Ledger()
    traffic(other, events, accounts=4)
    with projecting(lambda: other.log, url):
        until(lambda: "made of another log" in caplog.text)
        settle(client, other.all[-1].position)
    assert audit(other.log, client) == []
    assert client.get(keys.live("balances")) == b"2"


def test_read_models_ahead_of_the_log_are_noticed_and_built_anew(
    ledger: Ledger, url: str, client: redis_py.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after the log was restored from a backup that is older than the read models."""
    monkeypatch.setattr(runner, "FOLLOWERS_LAG", 0.01)
    traffic(ledger, 100)
    project_all(lambda: ledger.log, url)
    del ledger.records.all[50:]
    with projecting(lambda: ledger.log, url):
        until(lambda: client.get(keys.live("feed")) == b"2")
    assert audit(ledger.log, client) == []


def test_a_second_projector_takes_over_and_the_first_says_so(
    ledger: Ledger, url: str, client: redis_py.Redis
) -> None:
    traffic(ledger, 20)
    with projecting(lambda: ledger.log, url) as first:
        settle(client, ledger.all[-1].position)
        with projecting(lambda: ledger.log, url):
            traffic(ledger, 20)
            until(lambda: first.ended)
            assert isinstance(first.raised.pop(), Fenced)
            traffic(ledger, 20)
            settle(client, ledger.all[-1].position)
    assert audit(ledger.log, client) == []


def test_a_projector_that_slept_through_a_take_over_writes_nothing(
    ledger: Ledger, url: str, client: redis_py.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a stopped virtual machine: it still believes itself to be the one, and has a batch in hand."""
    awake, asleep = threading.Event(), threading.Event()

    def slow(client: redis_py.Redis, *args: Any, token: int, **kwargs: Any) -> None:
        if token == 1 and len(ledger.all) > 20:
            asleep.set()
            awake.wait(20)
        advance.advance(client, *args, token=token, **kwargs)

    monkeypatch.setattr(runner, "advance", slow)
    traffic(ledger, 20)
    with projecting(lambda: ledger.log, url) as first:
        settle(client, ledger.all[-1].position)
        traffic(ledger, 20)
        assert asleep.wait(10)
        with projecting(lambda: ledger.log, url):
            settle(client, ledger.all[-1].position)
            awake.set()
            until(lambda: first.ended)
            assert isinstance(first.raised.pop(), Fenced)
    assert audit(ledger.log, client) == []


async def test_a_poison_event_parks_its_stream_and_the_others_flow_on(
    ledger: Ledger, url: str, redis: Redis, client: redis_py.Redis
) -> None:
    ledger.book("anna", 5)
    ledger.scribble("account-anna")
    with projecting(lambda: ledger.log, url):
        ledger.scribble("account-anna")
        ledger.book("eva", 7)
        settle(client, ledger.all[-1].position)
        anna, eva = await account(redis, "anna"), await account(redis, "eva")
        parked = [each.parked for each in await status(redis)]
    assert anna is not None
    assert eva is not None
    assert (anna.balance, eva.balance, parked) == (5, 7, [1, 1, 1])
    assert client.hget("{balances:1}:parked_events", "account-anna") == b"2"


def test_a_silent_subscription_is_dropped_once_the_log_has_grown_without_it(
    ledger: Ledger,
    url: str,
    client: redis_py.Redis,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(runner, "SILENCE", 0.2)
    monkeypatch.setattr(runner, "BEAT_EVERY", 0.1)

    class Deaf(MemoryLog):
        """Its first subscription hears nothing after what is there already."""

        def subscribe(self, *, prefixes: Any, after: int | None) -> Any:
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
    ledger.book("anna", 1)
    with projecting(lambda: Deaf(ledger.records), url):
        until(lambda: bool(openings))
        time.sleep(0.3)
        ledger.book("anna", 2)
        settle(client, ledger.all[-1].position)
    assert "subscription is silent" in caplog.text


def test_a_log_that_fails_is_asked_again_until_it_answers(
    ledger: Ledger, url: str, client: redis_py.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    tries = iter(range(100))

    def open_log() -> MemoryLog:
        if next(tries) < 2:
            raise StoreUnavailable("No answer from the log.")
        return ledger.log

    ledger.book("anna", 1)
    with projecting(open_log, url):
        settle(client, ledger.all[-1].position)
    assert "No answer from the log" in caplog.text


async def test_the_heartbeat_says_where_it_is_and_goes_out_with_it(
    ledger: Ledger, url: str, redis: Redis, client: redis_py.Redis
) -> None:
    ledger.book("anna", 1)
    with projecting(lambda: ledger.log, url):
        settle(client, ledger.all[-1].position)
        until(lambda: client.hget(keys.HEARTBEAT, "position") == str(ledger.all[-1].position).encode())
        (status_, *_) = await status(redis)
    assert status_.head == ledger.all[-1].position
    assert status_.heartbeat_age is not None
    assert status_.heartbeat_age < 2
    assert 0 < client.pttl(keys.HEARTBEAT) <= 5_000


class Held(MemorySubscription):
    """Tells nothing after the first event until it is let go."""

    go = threading.Event()

    def __iter__(self) -> Iterator[Message]:
        for message in super().__iter__():
            yield message
            self.go.wait(10)

    def stop(self) -> None:
        self.go.set()
        super().stop()


class HeldLog(MemoryLog):
    def subscribe(self, *, prefixes: Sequence[str], after: int | None) -> Held:
        return Held(self._records, tuple(prefixes), after, live=True)


async def test_a_projector_that_is_behind_says_where_the_log_is(
    ledger: Ledger, url: str, redis: Redis, client: redis_py.Redis
) -> None:
    traffic(ledger, 20)
    with projecting(lambda: HeldLog(ledger.records), url):
        until(lambda: client.hget(keys.HEARTBEAT, "head") == str(ledger.all[-1].position).encode())
        until(lambda: client.hget(keys.HEARTBEAT, "position") == str(ledger.all[0].position).encode())
        assert (await read_models.read(redis)).is_catching_up
        Held.go.set()
        settle(client, ledger.all[-1].position)
        assert not (await read_models.read(redis)).is_catching_up


def test_the_servers_own_events_at_the_end_of_the_log_are_no_other_log(
    ledger: Ledger, url: str, client: redis_py.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    traffic(ledger, 20)
    for _ in range(5):
        end = ledger.scribble("$et-MoneyDeposited")
    for _ in range(2):
        with projecting(lambda: ledger.log, url):
            settle(client, end)
    assert client.get(keys.live("balances")) == b"1"
    assert "another log" not in caplog.text
    assert rebuild(ledger.log, client, ["balances"])[0].differences == 0


def test_a_commit_whose_reply_was_lost_is_not_made_twice(
    ledger: Ledger, url: str, client: redis_py.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = iter(range(100))

    def losing(*args: Any, **kwargs: Any) -> None:
        advance.advance(*args, **kwargs)
        if next(lost) % 3 == 1:
            raise redis_py.ConnectionError("the reply was lost")

    monkeypatch.setattr(runner, "advance", losing)
    with projecting(lambda: ledger.log, url):
        for _ in range(8):
            traffic(ledger, 5)
            time.sleep(0.02)
        settle(client, ledger.all[-1].position, seconds=30)
    assert audit(ledger.log, client) == []


def test_a_generation_made_live_elsewhere_is_followed_from_its_own_checkpoint(
    ledger: Ledger, url: str, client: redis_py.Redis
) -> None:
    traffic(ledger, 50)
    with projecting(lambda: ledger.log, url):
        settle(client, ledger.all[-1].position)
        made = generations.create(client, "history")
        assert generations.publish(client, "history", made.number, instead_of=1)
        traffic(ledger, 5)
        settle(client, ledger.all[-1].position)
    assert audit(ledger.log, client) == []


def test_stopping_is_prompt(ledger: Ledger, url: str) -> None:
    stop = threading.Event()
    with writer(url) as client:
        thread = threading.Thread(target=runner.run, args=(lambda: ledger.log, client, stop))
        thread.start()
        time.sleep(0.2)
        stop.set()
        thread.join(2)
        assert not thread.is_alive()


def test_logging_is_not_noisy_while_all_is_well(
    ledger: Ledger, url: str, client: redis_py.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), projecting(lambda: ledger.log, url):
        traffic(ledger, 100)
        settle(client, ledger.all[-1].position)
    assert caplog.records == []
