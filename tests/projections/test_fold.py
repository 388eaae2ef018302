"""Read models are one fold of the log, however it arrives: in any batches, repeated, with restarts in between."""

import re
from collections.abc import Iterator

import pytest
import redis as redis_py
from hypothesis import given, settings
from hypothesis import strategies as st

from projections import messages
from projections.audit import audit
from projections.engine import generations
from projections.engine.advance import NotCommitted, Target, advance, opened, streams_of
from projections.engine.clients import writer
from projections.engine.compare import suspects
from projections.engine.generations import Generation
from projections.readmodels import READ_MODELS
from tests.kit.foreign import OF_ACCOUNTS
from tests.kit.journal import Journal, traffic
from tests.kit.messages import pattern_of
from tests.kit.valkey import Valkey


@pytest.fixture(scope="module")
def journal() -> Journal:
    made = Journal()
    made.open("owned", user_id="u-1")
    traffic(made, 120, accounts=7)
    made.scribble("account-acc-3")
    made.scribble("account-alien", "Unheard")
    made.book("acc-0", 2**53 - 10**9)
    for _ in range(5):
        made.scribble("account-acc-3")
    traffic(made, 40, accounts=3, seed=2)
    return made


@pytest.fixture(scope="module")
def client(shared_valkey: Valkey) -> Iterator[redis_py.Redis]:
    with writer(shared_valkey.url) as made:
        yield made
        made.flushall()


@pytest.fixture(scope="module")
def once(journal: Journal, client: redis_py.Redis) -> list[Generation]:
    made = [generations.create(client, model.name, model.version) for model in READ_MODELS]
    targets = reopened(client, made)
    batch = streams_of(client, targets).read(journal.all)
    advance(client, targets, batch, upto=journal.all[-1].position, token=1)
    return made


def reopened(client: redis_py.Redis, made: list[Generation]) -> list[Target]:
    """The generations as a projector finds them when it starts."""
    targets = []
    for model, generation in zip(READ_MODELS, made, strict=True):
        found = generations.read(client, generation.name, generation.number, live=True)
        assert found is not None
        targets.append(opened(client, model, found))
    return targets


Step = tuple[int, int, bool]
"""How many events to go back, how many to send, and whether the projector restarts before."""
steps = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 60), st.booleans()), max_size=12)


@settings(max_examples=40, deadline=None)
@given(steps=steps)
def test_any_batches_with_duplicates_and_restarts_give_the_same_read_models(
    journal: Journal, client: redis_py.Redis, once: list[Generation], steps: list[Step]
) -> None:
    made = [generations.create(client, model.name, model.version) for model in READ_MODELS]
    targets, reached = reopened(client, made), 0
    streams = streams_of(client, targets)
    for back, count, restart in [*steps, (0, len(journal.all), True)]:
        if restart:
            targets = reopened(client, made)
            streams = streams_of(client, targets)
        start = max(0, reached - back)
        batch = journal.all[start : start + count]
        if not batch:
            break
        advance(client, targets, streams.read(batch), upto=batch[-1].position, token=1)
        reached = max(reached, start + len(batch))
    for before, generation in zip(once, made, strict=True):
        differing, keys = suspects(client, before.name, before.number, generation.number)
        assert differing == set()
        assert keys > 0 or generation.name not in {model.name for model in OF_ACCOUNTS}
        generations.remove(client, generation.name, generation.number)


def test_that_fold_is_what_the_log_says_except_for_parked_streams(
    journal: Journal, client: redis_py.Redis, once: list[Generation]
) -> None:
    for generation in once:
        generations.publish(client, generation)
    differences = audit(journal.log, client)
    assert len(differences) == 2 * len(OF_ACCOUNTS)
    assert all(re.fullmatch(pattern_of(messages.stream_stopped), each) for each in differences)
    assert client.hget(f"{once[0].prefix}parked_events", "account-alien") == b"1"
    assert int(client.hget(f"{once[0].prefix}parked_events", "account-acc-3") or 0) > 1


def test_a_writer_with_another_checkpoint_gets_an_answer_and_writes_nothing(
    journal: Journal, client: redis_py.Redis
) -> None:
    made = [generations.create(client, model.name, model.version) for model in READ_MODELS]
    one, other = reopened(client, made), reopened(client, made)
    batch = streams_of(client, one).read(journal.all[:10])
    advance(client, one, batch, upto=journal.all[9].position, token=1)
    with pytest.raises(NotCommitted, match=re.escape(messages.elsewhere(0, str(journal.all[9].position)))):
        advance(client, other, batch, upto=journal.all[9].position, token=1)
    assert client.hget(f"{made[0].prefix}totals", "events") == b"10"
