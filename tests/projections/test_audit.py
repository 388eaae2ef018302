"""An audit finds errors in a read model, or in the log itself."""

from collections.abc import Callable
from typing import Any

import pytest
import redis as redis_py

from projections.audit import StandsStill, audit, reading
from tests.kit.journal import Journal, traffic
from tests.kit.projector import project_all

pytestmark = pytest.mark.every_server

TAMPERED: dict[str, tuple[Callable[[redis_py.Redis], Any], str]] = {
    "a row": (
        lambda r: r.hset("{balances:1}:rows", "acc-1", r.hget("{balances:1}:rows", "acc-2") or b""),
        "acc-1 is",
    ),
    "a row lost": (lambda r: r.hdel("{balances:1}:rows", "acc-1"), "acc-1 is None"),
    "a stray row": (
        lambda r: r.hset("{balances:1}:rows", "ghost", r.hget("{balances:1}:rows", "acc-2") or b""),
        "ghost is",
    ),
    "an owner": (lambda r: r.hset("{balances:1}:owners", "acc-1", "u-2"), "owner or place of acc-1"),
    "a place by change": (
        lambda r: r.zadd("{balances:1}:by_change", {"acc-1": 7}),
        "owner or place of acc-1",
    ),
    "a place by balance": (
        lambda r: r.zincrby("{balances:1}:by_balance:EUR", 1, "acc-1"),
        "owner or place of acc-1",
    ),
    "a total": (lambda r: r.hincrby("{balances:1}:totals", "held:CZK", 1), "totals are"),
    "an entry lost": (lambda r: r.rpop("{history:1}:entries:acc-1"), "has"),
    "an entry doubled": (
        lambda r: r.rpush("{history:1}:entries:acc-1", r.lindex("{history:1}:entries:acc-1", -1) or b""),
        "has",
    ),
    "entries swapped": (
        lambda r: r.rpush("{history:1}:entries:acc-1", r.lpop("{history:1}:entries:acc-1") or b""),  # type: ignore[arg-type]
        "from entry 1 of",
    ),
    "a stray history": (lambda r: r.rpush("{history:1}:entries:ghost", "x"), "ghost has 1 entries, not 0"),
    "a feed item lost": (lambda r: r.rpop("{feed:1}:items"), "are not the newest"),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_every_change_by_hand_is_named(journal: Journal, url: str, client: redis_py.Redis, what: str) -> None:
    journal.open("owned", user_id="u-1")
    traffic(journal, 60, accounts=4)
    project_all(lambda: journal.log, url)
    assert audit(journal.log, client) == []
    tamper, named = TAMPERED[what]
    tamper(client)
    (difference,) = audit(journal.log, client)
    assert named in difference


def test_an_entry_that_states_a_wrong_balance_is_the_logs_own_fault(
    journal: Journal, url: str, client: redis_py.Redis
) -> None:
    journal.book("anna", 100)
    journal.scribble(
        "account-anna",
        data=b'{"account_id":"anna","entry_id":"00000000-0000-0000-0000-000000000001","amount":1,'
        b'"currency":"CZK","balance":500,"value_date":"2024-02-29"}',
    )
    project_all(lambda: journal.log, url)
    faults = audit(journal.log, client)
    assert faults[0] == "Event 2 of account-anna states the balance 500; the sum of its entries is 101."
    assert any(each.startswith("balances: anna is") for each in faults)


def test_read_models_that_are_missing_are_named(journal: Journal, client: redis_py.Redis) -> None:
    assert audit(journal.log, client) == [
        f"The read model {name} is missing." for name in ("balances", "history", "feed")
    ]


def test_a_projection_that_no_longer_advances_is_named(
    journal: Journal, url: str, client: redis_py.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_PATIENCE", 0.1)
    journal.book("anna", 1)
    project_all(lambda: journal.log, url)
    client.hset("{feed:1}:meta", "checkpoint", 1)
    with pytest.raises(StandsStill, match="feed does not advance from 1;"):
        audit(journal.log, client)
