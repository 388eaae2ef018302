"""An audit finds errors in a read model, or in the log itself."""

import re
import threading
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
import redis as redis_py

from projections import messages
from projections.audit import StandsStill, audit, reading
from projections.audit.books import PENDING, Books
from projections.audit.report import Report, report
from projections.engine import keys
from projections.engine.folding import parked
from projections.engine.generations import live
from projections.engine.readmodel import ReadModel
from projections.readmodels import NAMES, PREFIXES, READ_MODELS, balances, history
from tests.kit.journal import Journal, every_kind_of_event, traffic
from tests.kit.messages import pattern_of
from tests.kit.projector import project_all, projecting, settle, until
from tests.projections.counts import ONE

pytestmark = pytest.mark.every_server


def a_bucket(client: redis_py.Redis) -> bytes:
    found: bytes = next(client.scan_iter(match="{trace:1}:of:*"))
    return found


def disorder(client: redis_py.Redis) -> None:
    name: Any = a_bucket(client)
    first: Any = client.zrange(name, 0, 0)
    client.zadd(name, dict.fromkeys(first, 1))


TAMPERED: dict[str, tuple[Callable[[redis_py.Redis], Any], str]] = {
    "an event that is not indexed": (
        lambda r: r.zpopmin(a_bucket(r)),
        pattern_of(messages.bucket_differs),
    ),
    "an event that is indexed twice": (
        lambda r: r.zadd("{trace:1}:of:0", {f"{0:021x}": 0}),
        pattern_of(messages.bucket_differs, key="of:0"),
    ),
    "an index of something else": (
        lambda r: r.zadd("{trace:1}:of:0", {"a stranger": 0}),
        pattern_of(messages.bucket_differs, key="of:0"),
    ),
    "an event in the wrong order": (
        disorder,
        pattern_of(messages.bucket_differs),
    ),
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
    "a place by change": (
        lambda r: r.zadd("{balances:1}:by_change", {"acc-1": 7}),
        pattern_of(messages.place_differs, account_id="acc-1", changed="7.0"),
    ),
    "a place by balance": (
        lambda r: r.zincrby("{balances:1}:by_balance:EUR", 1, "acc-1"),
        pattern_of(messages.place_differs, account_id="acc-1"),
    ),
    "a total": (
        lambda r: r.hincrby("{balances:1}:totals", "balance:CZK", 1),
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
    "a reversal lost": (
        lambda r: r.delete("{history:1}:reversals"),
        pattern_of(messages.reversals_differ, found=0, expected=1),
    ),
    "a reference lost": (
        lambda r: r.delete("{history:1}:reference:INV-7"),
        pattern_of(messages.references_differ, reference="INV-7"),
    ),
    "a stray reference": (
        lambda r: r.rpush("{history:1}:reference:x:y", r.lindex("{history:1}:reference:INV-7", 0) or b""),
        pattern_of(messages.references_differ, reference="x:y"),
    ),
    "a feed item lost": (lambda r: r.rpop("{feed:1}:items"), pattern_of(messages.feed_differs)),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_every_change_by_hand_is_named(journal: Journal, url: str, client: redis_py.Redis, what: str) -> None:
    journal.open("owned", user_id="u-1")
    traffic(journal, 60, accounts=4)
    every_kind_of_event(journal, "owned", reference="INV-7")
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
    assert len(found) == sum("account" in model.categories for model in READ_MODELS)
    assert all("account-anna" in sentence for sentence in found)
    stored: Any = client.hget("{balances:1}:parked", "account-anna")
    assert parked(stored).revision == 2


def test_read_models_that_are_missing_are_named(journal: Journal, client: redis_py.Redis) -> None:
    missing = [messages.read_model_missing(name) for name in NAMES]
    assert audit(journal.log, client) == missing


def test_a_read_model_that_does_not_reach_the_position_of_another_is_named(
    journal: Journal, url: str, client: redis_py.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_PATIENCE", 0.1)
    end = journal.book("anna", 1)
    project_all(lambda: journal.log, url)
    client.hset("{feed:1}:meta", "checkpoint", 1)
    feed = live(client, "feed")
    assert feed
    with closing(Books(journal.log)) as books:
        books.advance(end)
        with pytest.raises(StandsStill, match=re.escape(messages.not_advancing("feed", 1, end))):
            reading.at_one_position(client, feed, books, lambda pipeline: None)


def test_each_read_model_is_compared_at_its_own_position(
    journal: Journal, url: str, client: redis_py.Redis
) -> None:
    first = traffic(journal, 30)
    project_all(lambda: journal.log, url)
    last = traffic(journal, 30)
    project_all(lambda: journal.log, url, (balances.MODEL,))
    client.delete(keys.HEARTBEAT)
    found = report(journal.log, client)
    assert found == Report(
        head=last,
        position=first,
        behind={name: first for name in NAMES if name != "balances"},
        differences=[],
    )
    assert not found.equal


def test_what_differs_up_to_the_position_of_a_read_model_that_is_behind_is_named(
    journal: Journal, url: str, client: redis_py.Redis
) -> None:
    first = traffic(journal, 30)
    project_all(lambda: journal.log, url)
    last = traffic(journal, 30)
    client.hset("{feed:1}:meta", "checkpoint", first + 1)
    client.rpop("{feed:1}:items")
    client.delete(keys.HEARTBEAT)
    found = report(journal.log, client)
    assert (found.head, found.position) == (last, first)
    assert found.behind == {name: first + (name == "feed") for name in NAMES}
    (difference,) = found.differences
    assert re.fullmatch(pattern_of(messages.feed_differs), difference)


def test_a_report_says_where_the_log_ends_if_a_read_model_is_missing(
    journal: Journal, url: str, client: redis_py.Redis
) -> None:
    end = traffic(journal, 30)
    project_all(lambda: journal.log, url, (balances.MODEL, history.MODEL))
    missing = [messages.read_model_missing(name) for name in NAMES if name not in ("balances", "history")]
    assert report(journal.log, client) == Report(head=end, position=None, behind={}, differences=missing)


def test_read_models_that_a_projector_is_bringing_up_to_date_are_not_behind(
    journal: Journal, url: str, client: redis_py.Redis
) -> None:
    traffic(journal, 30)
    with projecting(lambda: journal.log, url):
        settle(client, journal.log.head(prefixes=PREFIXES))
        until(lambda: client.exists(keys.HEARTBEAT) == 1)
        for seed in range(10):
            end = traffic(journal, 200, seed=seed)
            found = report(journal.log, client)
            assert found == Report(head=end, position=end, behind={}, differences=[])
            assert found.equal


@pytest.mark.parametrize("model", [balances.MODEL, ONE], ids=lambda model: str(model.name))
def test_no_reading_of_the_log_is_left_unfinished(
    journal: Journal, url: str, client: redis_py.Redis, model: ReadModel[Any]
) -> None:
    traffic(journal, 30)
    project_all(lambda: journal.log, url, (model,))
    traffic(journal, 3 * PENDING)
    assert audit(journal.log, client, (model,)) == []
    assert "log-reader" not in [thread.name for thread in threading.enumerate()]
