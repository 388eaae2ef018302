"""A read model of another version is rebuilt automatically, without an effect on the others."""

import re
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
import redis as redis_py

from projections import messages
from projections.audit import audit, audit_generation
from projections.engine import filling, generations
from projections.engine.clients import Redis
from projections.engine.keys import Pointer
from projections.engine.reading import ReadModelMissing, live_prefix
from projections.engine.rebuild import rebuild, roll_back
from projections.engine.status import status
from projections.readmodels import balances
from tests.kit.journal import Journal, traffic
from tests.kit.messages import pattern_of
from tests.kit.projector import live_number, project_all, projecting, settle, until
from tests.projections.counts import ONE, TWO

OLD, NEW = (balances.MODEL, ONE), (balances.MODEL, TWO)


def pointer(client: redis_py.Redis) -> Pointer | None:
    generation = generations.live(client, "counts")
    return None if generation is None else generation.pointer


def test_a_new_version_is_built_proven_by_the_audit_and_goes_live(
    journal: Journal, url: str, client: redis_py.Redis
) -> None:
    traffic(journal, 300)
    project_all(lambda: journal.log, url, OLD)
    assert pointer(client) == Pointer(1, 1)
    with projecting(lambda: journal.log, url, NEW):
        until(lambda: pointer(client) == Pointer(2, 2))
        traffic(journal, 20)
        settle(client, journal.all[-1].position, NEW)
    assert audit(journal.log, client, NEW) == []


async def test_during_a_build_old_readers_use_the_old_one_and_new_readers_learn_of_it(
    journal: Journal, url: str, client: redis_py.Redis, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    traffic(journal, 50)
    project_all(lambda: journal.log, url, OLD)
    monkeypatch.setattr(filling, "rebuild", lambda *args, stop, **kwargs: stop.wait(20) and [])
    with projecting(lambda: journal.log, url, NEW):
        traffic(journal, 20)
        settle(client, journal.all[-1].position, (balances.MODEL,))
        assert await live_prefix(redis, ONE) == "{counts:1}:"
        with pytest.raises(ReadModelMissing, match=re.escape(messages.being_rebuilt("counts"))):
            await live_prefix(redis, TWO)
        assert (await balances.totals(redis)).events == len(journal.all)


def test_a_new_version_that_is_not_what_the_log_says_does_not_go_live(
    journal: Journal,
    url: str,
    client: redis_py.Redis,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(filling, "AGAIN", 0.1)
    wrong = msgspec.structs.replace(TWO, project=ONE.project)
    traffic(journal, 50)
    project_all(lambda: journal.log, url, OLD)
    failed = pattern_of(messages.new_version_wrong, name="counts")
    with projecting(lambda: journal.log, url, (balances.MODEL, wrong)):
        until(lambda: len(re.findall(failed, caplog.text)) > 1)
        traffic(journal, 20)
        settle(client, journal.all[-1].position, (balances.MODEL,))
    assert pointer(client) == Pointer(1, 1)


async def test_a_model_that_was_rolled_back_stays_so_until_it_is_rebuilt(
    journal: Journal,
    url: str,
    client: redis_py.Redis,
    redis: Redis,
    caplog: pytest.LogCaptureFixture,
) -> None:
    traffic(journal, 50)
    project_all(lambda: journal.log, url, OLD)
    with projecting(lambda: journal.log, url, NEW):
        for _ in range(2):  # built, then followed
            settle(client, traffic(journal, 5), NEW)
        assert roll_back(client, "counts") == 1
        until(lambda: messages.rolled_back("counts", 1, 1) in caplog.text)
        traffic(journal, 20)
        settle(client, journal.all[-1].position, (balances.MODEL,))
    (counts,) = await status(redis, [TWO])
    assert (counts.state, counts.generation) == ("held", 1)
    project_all(lambda: journal.log, url, OLD)
    assert pointer(client) == Pointer(1, 1)
    assert audit(journal.log, client, OLD) == []


def test_a_roll_back_within_a_version_does_not_keep_the_next_version_from_being_built(
    journal: Journal, url: str, client: redis_py.Redis
) -> None:
    traffic(journal, 50)
    project_all(lambda: journal.log, url, OLD)
    rebuild(journal.log, client, [ONE], audit_generation)
    assert roll_back(client, "counts") == 1
    project_all(lambda: journal.log, url, NEW)
    assert pointer(client) == Pointer(3, 2)


def test_after_a_roll_back_from_a_version_the_next_one_is_built(
    journal: Journal, url: str, client: redis_py.Redis
) -> None:
    traffic(journal, 50)
    project_all(lambda: journal.log, url, OLD)
    project_all(lambda: journal.log, url, NEW)
    assert roll_back(client, "counts") == 1
    project_all(lambda: journal.log, url, (balances.MODEL, msgspec.structs.replace(TWO, version=3)))
    assert pointer(client) == Pointer(3, 3)


def test_a_model_that_cannot_be_built_does_not_keep_the_others_from_being_built(
    journal: Journal, url: str, client: redis_py.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filling, "AGAIN", 0.1)
    wrong = msgspec.structs.replace(TWO, project=ONE.project)
    traffic(journal, 50)
    project_all(lambda: journal.log, url, (ONE,))
    with projecting(lambda: journal.log, url, (wrong, balances.MODEL)):
        settle(client, traffic(journal, 20), (balances.MODEL,))
    assert pointer(client) == Pointer(1, 1)


def test_an_unforeseen_failure_of_a_build_is_logged_and_it_is_tried_again(
    journal: Journal,
    url: str,
    client: redis_py.Redis,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def stumble(*args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr(filling, "rebuild", rebuild)
        raise ValueError("unforeseen")

    monkeypatch.setattr(filling, "AGAIN", 0.1)
    monkeypatch.setattr(filling, "rebuild", stumble)
    project_all(lambda: journal.log, url, OLD)
    assert "unforeseen" in caplog.text


async def test_a_model_of_another_version_is_missing_not_held_until_its_building_begins(
    journal: Journal, url: str, redis: Redis
) -> None:
    traffic(journal, 5)
    project_all(lambda: journal.log, url, OLD)
    (counts,) = await status(redis, [TWO])
    assert counts.state == "missing"


def test_a_new_model_is_built_while_the_others_continue(
    journal: Journal, url: str, client: redis_py.Redis
) -> None:
    traffic(journal, 50)
    project_all(lambda: journal.log, url, (balances.MODEL,))
    with projecting(lambda: journal.log, url, OLD):
        traffic(journal, 20)
        settle(client, journal.all[-1].position, OLD)
    assert audit(journal.log, client, OLD) == []
    assert live_number(client, "balances") == 1


def test_a_model_whose_commits_are_refused_is_built_again_and_holds_up_no_other(
    journal: Journal, url: str, client: redis_py.Redis
) -> None:
    traffic(journal, 50)
    with projecting(lambda: journal.log, url, OLD):
        settle(client, journal.all[-1].position, OLD)
        client.delete("{counts:1}:types")
        client.set("{counts:1}:types", "somebody else's")
        traffic(journal, 20)
        settle(client, journal.all[-1].position, (balances.MODEL,))
        until(lambda: live_number(client, "counts") == 2)
        traffic(journal, 20)
        settle(client, journal.all[-1].position, OLD)
    assert live_number(client, "balances") == 1
    assert audit(journal.log, client, OLD) == []


def test_a_model_without_any_event_is_rebuilt_if_another_log_has_some(
    journal: Journal, url: str, client: redis_py.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    """`account-b` is taken for a category: its streams are those of accounts whose ids begin with `b-`."""
    few = msgspec.structs.replace(ONE, categories=("account-b",))
    traffic(journal, 50)
    project_all(lambda: journal.log, url, (balances.MODEL, few))
    other = Journal()
    other.book("b-1", 5)
    traffic(other, 80)
    noticed = [messages.made_from_another_log(name) for name in ("balances", "counts")]
    with projecting(lambda: other.log, url, (balances.MODEL, few)):
        until(lambda: all(each in caplog.text for each in noticed))
        settle(client, other.all[-1].position, (balances.MODEL, few))
    assert audit(other.log, client, (balances.MODEL, few)) == []


@pytest.mark.parametrize(
    ("tamper", "named"),
    [
        (
            lambda r: r.hincrby("{counts:1}:types", "MoneyDeposited", 1),
            {"key": "types", "member": "MoneyDeposited"},
        ),
        (
            lambda r: r.hdel("{counts:1}:last", "MoneyWithdrawn"),
            {"key": "last", "member": "MoneyWithdrawn", "found": "None"},
        ),
        (
            lambda r: r.hset("{counts:1}:last", "ghost", "1"),
            {"key": "last", "member": "ghost", "found": "b'1'", "expected": "None"},
        ),
        (
            lambda r: r.rpush("{counts:1}:stray", "x"),
            {"key": "stray", "member": "", "found": "[b'x']", "expected": "None"},
        ),
    ],
)
def test_an_audit_compares_a_model_with_its_own_expectation(
    journal: Journal,
    url: str,
    client: redis_py.Redis,
    tamper: Callable[[redis_py.Redis], object],
    named: dict[str, str],
) -> None:
    traffic(journal, 60, accounts=4)
    project_all(lambda: journal.log, url, OLD)
    assert audit(journal.log, client, OLD) == []
    tamper(client)
    (difference,) = audit(journal.log, client, OLD)
    assert re.fullmatch(pattern_of(messages.cell_differs, name="counts", **named), difference)
