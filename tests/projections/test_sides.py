"""Whatever other programs write: live, rebuilt and on the write side, the same accounts have the same balances."""

import asyncio
import re
from collections.abc import Sequence
from typing import Any

import pytest
import redis as redis_py
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from commands.accounts import Accounts
from domain.accounts import Existing
from domain.identifiers import AccountId
from domain.vocabulary import BY_NAME
from eventstore import messages
from eventstore.memory import MemoryStore
from eventstore.store import Recorded, StreamStopped
from projections.audit import audit_generation
from projections.audit.reading import stopped as stopped_in
from projections.engine import advance, generations
from projections.engine.advance import Target, opened, streams_of
from projections.engine.compare import suspects
from projections.engine.generations import Generation
from projections.readmodels import READ_MODELS, balances
from tests.kit.foreign import OF_ACCOUNTS, deposited, opened_again
from tests.kit.journal import Journal

NAMES_OF = ("a", "b", "c")
KINDS = ("book", "book", "book", "scribble", "opening", "wrong", "bare", "newer", "unheard", "limit", "whole")


def written(journal: Journal, account_id: str, kind: str) -> None:
    stream = f"account-{account_id}"
    match kind:
        case "book":
            journal.book(account_id, 10)
        case "scribble":
            journal.scribble(stream)
        case "opening":
            journal.write_foreign(opened_again(account_id))
        case "wrong":
            journal.write_foreign(deposited(account_id, 3, 4))
        case "bare":
            journal.write_foreign(
                deposited(account_id, 10, 10 * len(journal.records.streams.get(stream, ())))
            )
        case "newer":
            journal.write_foreign(deposited(account_id, 10, 10), b'{"schema": 9}')
        case "unheard":
            journal.scribble(stream, "MoneyTeleported")
        case "limit":
            journal.limit(account_id, maxCount=3)
        case "whole":
            journal.limit(account_id)


def made(client: redis_py.Redis) -> list[Generation]:
    return [generations.create(client, model.name, model.version) for model in READ_MODELS]


def reopened(client: redis_py.Redis, generations_: Sequence[Generation]) -> list[Target]:
    targets = []
    for model, before in zip(READ_MODELS, generations_, strict=True):
        found = generations.read(client, model.name, before.number, live=False)
        assert found
        targets.append(opened(client, model, found))
    return targets


def fed(
    client: redis_py.Redis, records: Sequence[Recorded], steps: Sequence[tuple[int, bool, int]]
) -> list[Generation]:
    """In batches of a size; `restart` before it, and then so many of the targets are committed before the others."""
    found, reached = made(client), 0
    targets = reopened(client, found)
    streams = streams_of(client, targets)
    for size, restart, first in [*steps, (len(records), True, 0)]:
        batch = records[reached : reached + size]
        if not batch:
            break
        if restart:
            alone = reopened(client, found)[:first]
            if alone:
                read = streams_of(client, alone).read(batch)
                advance.advance(client, alone, read, upto=batch[-1].position, token=1)
            targets = reopened(client, found)
            streams = streams_of(client, targets)
        advance.advance(client, targets, streams.read(batch), upto=batch[-1].position, token=1)
        reached += len(batch)
    return found


async def write_side(journal: Journal) -> dict[str, int | None]:
    """Balances, None for a stopped account; accounts that were never opened are left out."""
    accounts, found = Accounts(MemoryStore(journal.records)), dict[str, int | None]()
    for name in NAMES_OF:
        try:
            state = await accounts.state(AccountId(name))
        except StreamStopped:
            found[name] = None
        else:
            if isinstance(state, Existing):
                found[name] = state.standing.balance
    return found


def read_side(client: redis_py.Redis, generation: Generation) -> dict[str, int | None]:
    rows: Any = client.hgetall(f"{generation.prefix}rows")
    found: dict[str, int | None] = {
        name.decode(): balances.row_of(blob).balance for name, blob in rows.items()
    }
    return found | {each.stream.partition("-")[2]: None for each in stopped_in(client, generation)}


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
)
@given(
    st.lists(st.tuples(st.sampled_from(NAMES_OF), st.sampled_from(KINDS)), min_size=1, max_size=25),
    st.lists(st.tuples(st.integers(1, 7), st.booleans(), st.integers(0, 2)), max_size=10),
)
def test_live_rebuilt_and_written_are_the_same_whatever_others_write(
    client: redis_py.Redis, history_: list[tuple[str, str]], steps: list[tuple[int, bool, int]]
) -> None:
    client.flushall()
    journal = Journal()
    for name, kind in history_:
        written(journal, name, kind)
    live, once = fed(client, journal.all, steps), fed(client, journal.all, [])
    for one, other in zip(live, once, strict=True):
        differing, _ = suspects(client, one.name, one.number, other.number)
        assert differing == set()
        found = generations.read(client, one.name, one.number, live=False)
        assert found
        model = next(model for model in READ_MODELS if model.name == one.name)
        assert audit_generation(journal.log, client, model, found) == []
    assert read_side(client, live[0]) == asyncio.run(write_side(journal))


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("newer", messages.unknown_schema(9, BY_NAME["MoneyDeposited"].version)),
        ("unheard", messages.unknown_type(messages.event_at(2, "account-a", 300, "MoneyTeleported"))),
    ],
)
def test_a_newer_version_and_an_unknown_type_stop_their_stream_by_name_on_both_sides(
    client: redis_py.Redis, kind: str, why: str
) -> None:
    journal = Journal()
    for name, what in (("a", "book"), ("a", kind), ("b", "book")):
        written(journal, name, what)
    for generation in fed(client, journal.all, []):
        if generation.name not in {model.name for model in OF_ACCOUNTS}:
            continue
        [stop] = stopped_in(client, generation)
        assert (stop.stream, stop.revision) == ("account-a", 2)
        assert why in stop.reason
    with pytest.raises(StreamStopped, match=re.escape(why)) as caught:
        asyncio.run(Accounts(MemoryStore(journal.records)).state(AccountId("a")))
    assert (caught.value.stream, caught.value.revision) == ("account-a", 2)
    assert asyncio.run(write_side(journal)) == {"a": None, "b": 10}
