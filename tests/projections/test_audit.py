"""An audit finds errors in a read model, or in the log itself."""

import re
from collections.abc import Callable
from typing import Any

import pytest
import redis as redis_py

from projections import messages
from projections.audit import StandsStill, audit, reading
from projections.engine.folding import parked
from projections.readmodels import READ_MODELS
from tests.kit.journal import Journal, traffic
from tests.kit.messages import pattern_of
from tests.kit.projector import project_all

pytestmark = pytest.mark.every_server

TAMPERED: dict[str, tuple[Callable[[redis_py.Redis], Any], str]] = {
    "a row": (
        lambda r: r.hset("{balances:1}:rows", "acc-1", r.hget("{balances:1}:rows", "acc-2") or b""),
        pattern_of(messages.row_differs, account_id="acc-1"),
    ),
    "a row lost": (
        lambda r: r.hdel("{balances:1}:rows", "acc-1"),
        pattern_of(messages.row_differs, account_id="acc-1", found="None"),
    ),
    "a stray row": (
        lambda r: r.hset("{balances:1}:rows", "ghost", r.hget("{balances:1}:rows", "acc-2") or b""),
        pattern_of(messages.row_differs, account_id="ghost", expected="None"),
    ),
    "an owner": (
        lambda r: r.hset("{balances:1}:owners", "acc-1", "u-2"),
        pattern_of(messages.place_differs, account_id="acc-1", owner="b'u-2'"),
    ),
    "a place by change": (
        lambda r: r.zadd("{balances:1}:by_change", {"acc-1": 7}),
        pattern_of(messages.place_differs, account_id="acc-1", changed="7.0"),
    ),
    "a place by balance": (
        lambda r: r.zincrby("{balances:1}:by_balance:EUR", 1, "acc-1"),
        pattern_of(messages.place_differs, account_id="acc-1"),
    ),
    "a total": (
        lambda r: r.hincrby("{balances:1}:totals", "held:CZK", 1),
        pattern_of(messages.totals_differ),
    ),
    "an entry lost": (
        lambda r: r.rpop("{history:1}:entries:acc-1"),
        pattern_of(messages.number_of_entries_differs, account_id="acc-1"),
    ),
    "an entry doubled": (
        lambda r: r.rpush("{history:1}:entries:acc-1", r.lindex("{history:1}:entries:acc-1", -1) or b""),
        pattern_of(messages.number_of_entries_differs, account_id="acc-1"),
    ),
    "entries swapped": (
        lambda r: r.rpush("{history:1}:entries:acc-1", r.lpop("{history:1}:entries:acc-1") or b""),  # type: ignore[arg-type]
        pattern_of(messages.entry_differs, account_id="acc-1", number=1),
    ),
    "a stray history": (
        lambda r: r.rpush("{history:1}:entries:ghost", "x"),
        pattern_of(messages.number_of_entries_differs, account_id="ghost", found=1, expected=0),
    ),
    "a feed item lost": (lambda r: r.rpop("{feed:1}:items"), pattern_of(messages.feed_differs)),
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
    assert re.fullmatch(named, difference)


def test_an_entry_that_states_a_wrong_balance_stops_its_stream_everywhere(
    journal: Journal, url: str, client: redis_py.Redis
) -> None:
    journal.book("anna", 100)
    journal.scribble(
        "account-anna",
        data=b'{"account_id":"anna","entry_id":"00000000-0000-0000-0000-000000000001","amount":1,'
        b'"currency":"CZK","balance":500,"value_date":"2024-02-29"}',
    )
    project_all(lambda: journal.log, url)
    found = audit(journal.log, client)
    assert len(found) == len(READ_MODELS)
    assert all("account-anna" in sentence for sentence in found)
    stored: Any = client.hget("{balances:1}:parked", "account-anna")
    assert parked(stored).revision == 2


def test_read_models_that_are_missing_are_named(journal: Journal, client: redis_py.Redis) -> None:
    missing = [messages.read_model_missing(name) for name in ("balances", "history", "feed")]
    assert audit(journal.log, client) == missing


def test_a_projection_that_no_longer_advances_is_named(
    journal: Journal, url: str, client: redis_py.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_PATIENCE", 0.1)
    end = journal.book("anna", 1)
    project_all(lambda: journal.log, url)
    client.hset("{feed:1}:meta", "checkpoint", 1)
    with pytest.raises(StandsStill, match=re.escape(messages.not_advancing("feed", 1, end))):
        audit(journal.log, client)
