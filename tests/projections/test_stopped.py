"""A stream is whole or stopped: in every read model, live, after a restart, in a rebuild and in the audit."""

import logging
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
import redis as redis_py

from domain.accounts import AccountEvent
from projections.audit import audit, audit_generation
from projections.audit.reading import stopped as stopped_in
from projections.engine import advance, generations, keys, status
from projections.engine.advance import Target, streams_of
from projections.engine.clients import Redis
from projections.engine.rebuild import roll_back
from projections.readmodels import NAMES, READ_MODELS, balances, history
from projections.readmodels.balances import account, totals
from tests.kit.foreign import OF_ACCOUNTS, TOMBSTONE, deposited, opened_again, stops
from tests.kit.journal import Journal, traffic
from tests.kit.projector import live_number, project_all, projecting, rebuild, settle
from tests.projections.counts import ONE, TWO

FOREIGN: Sequence[AccountEvent] = (
    opened_again("anna"),
    deposited("anna", 1, 102),
    deposited("anna", 1, 101, "EUR"),
)


@pytest.mark.parametrize("event", [None, *FOREIGN])
async def test_a_stream_stops_in_every_read_model_and_the_others_go_on(
    journal: Journal, url: str, client: redis_py.Redis, redis: Redis, event: AccountEvent | None
) -> None:
    journal.book("anna", 100)
    position = journal.scribble("account-anna") if event is None else journal.write_foreign(event)
    journal.book("anna", 50)
    journal.book("ben", 7)
    project_all(lambda: journal.log, url)
    found, other = await account(redis, "anna"), await account(redis, "ben")
    assert found
    assert found.stopped
    assert (found.balance, found.revision, found.stopped.revision) == (100, 1, 2)
    assert found.position < position
    assert [entry.revision for entry in await history.entries(redis, "anna", before=None, limit=9)] == [1]
    assert other
    assert (other.balance, other.stopped, (await totals(redis)).events) == (7, None, 4)
    for model in await status.status(redis, OF_ACCOUNTS):
        assert (model.parked, [each.stream for each in model.stopped]) == (1, ["account-anna"])


async def test_an_account_whose_first_event_does_not_count_has_no_row_and_is_stopped(
    journal: Journal, url: str, redis: Redis
) -> None:
    journal.write_foreign(deposited("anna", 5, 5))
    project_all(lambda: journal.log, url)
    assert await account(redis, "anna") is None
    stop = await balances.stopped(redis, "anna")
    assert stop
    assert stop.revision == 0


async def test_a_missing_actor_is_no_reason_to_stop(journal: Journal, url: str, redis: Redis) -> None:
    journal.book("anna", 100)
    journal.write_foreign(deposited("anna", 1, 101), b"[" * 5_000)
    project_all(lambda: journal.log, url)
    newest, *_ = await history.entries(redis, "anna", before=None, limit=1)
    assert (newest.balance, newest.actor) == (101, "unknown")


def test_the_log_says_once_that_a_stream_stops(
    journal: Journal, url: str, client: redis_py.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "daybook.projector")
    journal.book("anna", 100)
    project_all(lambda: journal.log, url)
    with projecting(lambda: journal.log, url):
        for _ in range(3):
            settle(client, journal.scribble("account-anna"))
        settle(client, journal.limit("ben", maxCount=1))
    for _ in range(2):
        journal.scribble("account-anna")
        project_all(lambda: journal.log, url)
    said = [record.getMessage() for record in caplog.records]
    assert [message.split()[0] for message in said if "is stopped" in message] == [
        "account-anna",
        "account-ben",
    ]


async def test_a_tombstone_stops_the_stream_after_its_last_event(
    journal: Journal, url: str, redis: Redis, client: redis_py.Redis
) -> None:
    journal.book("anna", 100)
    project_all(lambda: journal.log, url)
    journal.scribble("account-anna", "$streamDeleted")
    last = journal.records.all[-1]
    journal.records.all[-1] = msgspec.structs.replace(last, revision=TOMBSTONE)
    project_all(lambda: journal.log, url)
    found = await account(redis, "anna")
    assert found
    assert found.stopped
    assert (found.balance, found.stopped.revision) == (100, 2)


# Limited streams.


@pytest.mark.parametrize("limits", [{"maxCount": 1}, {"tb": 1}, {"tb": TOMBSTONE}, {"maxAge": 60}])
async def test_a_limited_stream_is_stopped_until_it_is_whole_again(
    journal: Journal, url: str, client: redis_py.Redis, redis: Redis, limits: dict[str, int]
) -> None:
    journal.book("anna", 100)
    with projecting(lambda: journal.log, url):
        settle(client, journal.limit("anna", **limits))
        found = await account(redis, "anna")
        assert found
        assert found.stopped
        assert (found.balance, found.stopped.revision) == (100, 2)
        assert len(audit(journal.log, client)) == len(OF_ACCOUNTS)
        settle(client, journal.limit("anna"))
        settle(client, journal.book("anna", 50))
        found = await account(redis, "anna")
        assert found
        assert (found.balance, found.stopped) == (150, None)
    assert audit(journal.log, client) == []


async def test_what_is_written_to_a_limited_stream_counts_and_the_stop_is_after_it(
    journal: Journal, url: str, redis: Redis
) -> None:
    """As on the write side, where the stream is whole again without the limit."""
    journal.book("anna", 100)
    journal.limit("anna", maxCount=5)
    journal.book("anna", 1)
    project_all(lambda: journal.log, url)
    found = await account(redis, "anna")
    assert found
    assert found.stopped
    assert (found.balance, found.revision, found.stopped.revision) == (101, 2, 3)


async def test_a_stream_that_is_stopped_for_two_reasons_is_named_once(
    journal: Journal, url: str, client: redis_py.Redis, redis: Redis
) -> None:
    journal.book("anna", 100)
    journal.scribble("account-anna")
    journal.limit("anna", maxCount=5)
    project_all(lambda: journal.log, url)
    found = audit(journal.log, client)
    assert len(found) == len(OF_ACCOUNTS)
    assert all("account-anna" in sentence for sentence in found)
    for model in await status.status(redis, OF_ACCOUNTS):
        assert (model.parked, len(model.stopped)) == (1, 1)


# Restarts and rebuilds.


def test_a_restart_continues_with_the_places_that_the_generation_holds(
    journal: Journal, url: str, client: redis_py.Redis
) -> None:
    for _ in range(3):
        journal.book("anna", 10)
        project_all(lambda: journal.log, url)
    journal.write_foreign(deposited("anna", 1, 30))  # 31 would follow
    project_all(lambda: journal.log, url)
    journal.book("ben", 1)
    project_all(lambda: journal.log, url)
    assert [each.stream for each in stops(client, "balances")] == ["account-anna"]
    assert client.hget(f"{keys.prefix_of('balances', 1)}{keys.PARKED_EVENTS}", "account-anna") == b"1"


def test_a_rebuild_of_read_models_with_stopped_streams_is_equal_to_the_live_ones(
    journal: Journal, url: str, client: redis_py.Redis
) -> None:
    traffic(journal, 100)
    with projecting(lambda: journal.log, url):
        journal.scribble("account-acc-1")
        journal.limit("acc-2", tb=3)
        settle(client, traffic(journal, 100, seed=2))
        reports = rebuild(journal.log, client, NAMES)
    assert [(report.flipped, report.differences) for report in reports] == [(True, 0)] * len(NAMES)
    assert {each.stream for each in stops(client, "history")} == {"account-acc-1", "account-acc-2"}


def test_another_version_goes_live_although_a_stream_is_stopped(
    journal: Journal, url: str, client: redis_py.Redis
) -> None:
    journal.book("anna", 100)
    journal.scribble("account-anna")
    journal.limit("ben", maxCount=1)
    project_all(lambda: journal.log, url, [ONE])
    project_all(lambda: journal.log, url, [TWO])
    assert live_number(client, "counts") == 2


def test_another_version_does_not_go_live_if_it_cannot_project_an_event(
    journal: Journal, client: redis_py.Redis
) -> None:
    def fail(fact: object) -> Any:
        raise KeyError(fact)

    journal.book("anna", 100)
    model = msgspec.structs.replace(balances.MODEL, project=fail)
    generation = generations.create(client, model.name, model.version)
    target = Target(model, generation)
    batch = streams_of(client, [target]).read(journal.all)
    advance.advance(client, [target], batch, upto=journal.all[-1].position, token=0)
    found = generations.read(client, model.name, generation.number, live=False)
    assert found
    assert any("account-anna" in each for each in audit_generation(journal.log, client, model, found))
    assert [each.fault for each in stopped_in(client, found)] == [True]


def test_a_generation_from_before_streams_had_places_can_be_gone_back_to(
    journal: Journal, url: str, client: redis_py.Redis
) -> None:
    """It is of an older version: so it is held, and nothing is written to it that could count wrongly."""
    older = msgspec.structs.replace(balances.MODEL, version=1)
    traffic(journal, 30)
    project_all(lambda: journal.log, url, [older])
    client.delete(f"{keys.prefix_of('balances', 1)}{keys.STREAMS}")
    project_all(lambda: journal.log, url)
    roll_back(client, "balances")
    with projecting(lambda: journal.log, url):
        settle(client, traffic(journal, 30), [model for model in READ_MODELS if model.name != "balances"])
    held = generations.live(client, "balances")
    assert held
    assert (held.number, held.held, stops(client, "balances")) == (1, balances.MODEL.version, [])
    rebuild(journal.log, client, ["balances"])
    assert audit(journal.log, client) == []
