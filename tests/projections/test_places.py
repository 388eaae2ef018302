"""The places of streams: what a batch is judged by, when targets are at different checkpoints and memory is short."""

from typing import Any

import msgspec
import pytest
import redis as redis_py

from projections.audit import audit
from projections.engine import advance, facts, generations, keys
from projections.engine.advance import Refused, Target, streams_of
from projections.engine.facts import Broken, Streams
from projections.engine.readmodel import ReadModel
from projections.readmodels import READ_MODELS, balances, history
from tests.kit.foreign import stops
from tests.kit.journal import Journal, traffic
from tests.kit.projector import project_all, projecting, settle
from tests.projections.counts import ONE


def two_targets(client: redis_py.Redis, *models: ReadModel[Any]) -> list[Target]:
    return [Target(model, generations.create(client, model.name, model.version)) for model in models]


def test_a_target_that_is_ahead_of_another_one_loses_and_stops_nothing(
    journal: Journal, client: redis_py.Redis
) -> None:
    position = traffic(journal, 50)
    ahead, behind = two_targets(client, balances.MODEL, history.MODEL)
    advance.advance(client, [ahead], streams_of(client, [ahead]).read(journal.all), upto=position, token=1)
    last = traffic(journal, 50, seed=2)
    streams = streams_of(client, [ahead, behind])
    for start in range(0, 100, 30):
        batch = streams.read(journal.all[start : start + 30])
        assert not any(isinstance(fact, Broken) for fact in batch.facts)
        upto = min(last, journal.all[min(start + 29, len(journal.all) - 1)].position)
        advance.advance(client, [ahead, behind], batch, upto=upto, token=1)
    assert not ahead.parked | behind.parked


def test_events_that_only_a_target_of_another_category_is_behind_for_are_not_judged(
    journal: Journal, client: redis_py.Redis
) -> None:
    """Its places are those of accounts that were read further."""
    position = traffic(journal, 50)
    ahead, other = two_targets(client, balances.MODEL, msgspec.structs.replace(ONE, categories=("user",)))
    advance.advance(client, [ahead], streams_of(client, [ahead]).read(journal.all), upto=position, token=1)
    traffic(journal, 20, seed=2)
    batch = streams_of(client, [ahead, other]).read(journal.all)
    assert [fact.recorded.position for fact in batch.facts] == [
        each.position for each in journal.all if each.position > position
    ]
    assert not any(isinstance(fact, Broken) for fact in batch.facts)


def test_a_target_that_was_refused_is_not_asked_for_places(
    journal: Journal, url: str, client: redis_py.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own places stay behind; with few in memory the others would be judged by them."""
    monkeypatch.setattr(facts, "MOST_PLACES", 1)
    traffic(journal, 30)
    project_all(lambda: journal.log, url)
    client.delete(f"{keys.prefix_of('balances', 1)}rows")
    client.set(f"{keys.prefix_of('balances', 1)}rows", "not a hash")
    others = [model for model in READ_MODELS if model.name != "balances"]
    with projecting(lambda: journal.log, url):
        for seed in range(5):
            settle(client, traffic(journal, 20, seed=seed), others)
    assert stops(client, "history") == stops(client, "feed") == []


def test_a_target_whose_events_cannot_be_written_ends_no_other(
    journal: Journal, client: redis_py.Redis
) -> None:
    one, other = two_targets(client, balances.MODEL, history.MODEL)
    client.set(f"{one.generation.prefix}rows", "not a hash")
    position = traffic(journal, 10)
    targets = [one, other]
    with pytest.raises(Refused):
        advance.advance(
            client, targets, streams_of(client, targets).read(journal.all), upto=position, token=1
        )
    assert (one.checkpoint, other.checkpoint) == (0, position)


# Memory.


def test_places_that_are_not_in_memory_any_more_are_loaded_again(
    journal: Journal, url: str, client: redis_py.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facts, "MOST_PLACES", 3)
    with projecting(lambda: journal.log, url):
        for seed in range(6):
            settle(client, traffic(journal, 40, seed=seed))
    assert audit(journal.log, client) == []


def test_a_reading_from_the_beginning_forgets_no_places(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is nothing to load them from: the audit of many accounts would find all of them stopped."""
    monkeypatch.setattr(facts, "MOST_PLACES", 3)
    traffic(journal, 100)
    streams = Streams()
    read = [fact for recorded in journal.all for fact in streams.read([recorded]).facts]
    assert len(read) == len(journal.all)
    assert not any(isinstance(fact, Broken) for fact in read)
