"""Redis loses a part of a read model: the rest is not shown as if it were everything; the projector builds it again."""

from collections.abc import Callable, Iterator
from threading import Event
from typing import Any

import pytest
import redis as redis_py

from projections.audit import audit
from projections.engine import generations, keys, losses
from projections.engine.clients import Redis
from projections.engine.keys import pointer, prefix_of
from projections.engine.reading import ReadModelMissing, withdrawn
from projections.readmodels import NAMES, balances
from projections.readmodels.balances import account, accounts
from tests.kit.journal import Journal, traffic
from tests.kit.projector import project_all, projecting, settle, until

pytestmark = pytest.mark.every_server

KEYS = [
    "balances rows",
    "balances totals",
    "balances by_change",
    "balances by_balance:CZK",
    "balances meta",
    "history entries:anna",
    "history meta",
    "feed items",
]


@pytest.fixture
def busy(journal: Journal, url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Journal]:
    """A log with a projector next to it, which looks for losses ten times a second."""
    monkeypatch.setattr(losses, "CHECK_EVERY", 0.1)
    journal.book("anna", 5)
    traffic(journal, 50, accounts=5, seed=1)
    project_all(lambda: journal.log, url)
    with projecting(lambda: journal.log, url):
        yield journal


def live(client: redis_py.Redis, name: str) -> int:
    found = pointer(client.get(keys.live(name)))
    return found.number if found else 0


def lose(client: redis_py.Redis, key: str) -> Callable[[], bool]:
    """Whether the read model was built again."""
    name, _, rest = key.partition(" ")
    number = live(client, name)
    assert client.delete(f"{prefix_of(name, number)}{rest}") == 1
    return lambda: live(client, name) > number


def agree(client: redis_py.Redis, journal: Journal) -> None:
    settle(client, journal.all[-1].position)
    assert audit(journal.log, client) == []


@pytest.mark.parametrize("key", KEYS)
def test_a_lost_key_is_noticed_and_its_read_model_is_built_again(
    busy: Journal, client: redis_py.Redis, key: str
) -> None:
    until(lose(client, key), 30)
    agree(client, busy)


@pytest.mark.parametrize("key", KEYS)
def test_a_lost_key_that_the_next_entries_create_again_is_noticed_too(
    busy: Journal, client: redis_py.Redis, key: str
) -> None:
    is_built_again = lose(client, key)
    busy.book("anna", 1)
    until(is_built_again, 30)
    agree(client, busy)


def test_nothing_is_built_again_as_long_as_nothing_is_lost(busy: Journal, client: redis_py.Redis) -> None:
    before = [live(client, name) for name in NAMES]
    for seed in range(20):
        traffic(busy, 20, accounts=30, seed=seed)
        settle(client, busy.all[-1].position)
        for name in NAMES:
            losses.withdraw_if_lossy(client, name, Event())
    assert [live(client, name) for name in NAMES] == before


def test_a_generation_of_a_release_that_did_not_count_its_keys_stays(
    busy: Journal, client: redis_py.Redis
) -> None:
    number = live(client, "balances")
    client.hdel(f"{prefix_of('balances', number)}meta", "keys")
    busy.book("anna", 1)
    settle(client, busy.all[-1].position)
    losses.withdraw_if_lossy(client, "balances", Event())
    assert live(client, "balances") == number
    assert client.hget(f"{prefix_of('balances', number)}meta", "keys") is None


@pytest.mark.parametrize("ask", [lambda redis: account(redis, "anna"), accounts], ids=["account", "list"])
async def test_a_row_that_its_index_has_and_the_hash_has_not_is_a_loss_for_its_reader(
    journal: Journal, url: str, client: redis_py.Redis, redis: Redis, ask: Callable[[Redis], object]
) -> None:
    journal.book("anna", 5)
    project_all(lambda: journal.log, url)
    client.hdel(f"{prefix_of('balances', 1)}rows", "anna")
    with pytest.raises(ReadModelMissing, match="balances is being rebuilt"):
        await ask(redis)  # type: ignore[misc]
    assert client.get(keys.live("balances")) is None
    project_all(lambda: journal.log, url)
    row = await account(redis, "anna")
    assert row is not None
    assert row.balance == 5


async def test_a_loss_in_a_generation_that_is_not_live_any_more_changes_nothing(
    journal: Journal, url: str, client: redis_py.Redis, redis: Redis
) -> None:
    journal.book("anna", 5)
    project_all(lambda: journal.log, url)
    await withdrawn(redis, balances.MODEL, prefix_of("balances", 7))
    assert live(client, "balances") == 1


async def test_an_account_that_does_not_exist_is_no_loss(journal: Journal, url: str, redis: Redis) -> None:
    journal.book("anna", 5)
    project_all(lambda: journal.log, url)
    assert await account(redis, "boris") is None


def test_a_lost_change_feed_begins_again_with_a_resync(busy: Journal, client: redis_py.Redis) -> None:
    feed = f"{prefix_of('feed', live(client, 'feed'))}changes"
    client.delete(feed)
    busy.book("anna", 1)
    settle(client, busy.all[-1].position)
    entries: Any = client.xrange(feed)
    assert [fields[b"resync"] for _, fields in entries][:1] == [b"1"]


def test_a_lost_counter_never_leads_to_a_generation_that_is_in_use(
    journal: Journal, url: str, client: redis_py.Redis
) -> None:
    journal.book("anna", 5)
    project_all(lambda: journal.log, url)
    client.delete(keys.counter("balances"))
    for number in (2, 3):
        assert generations.create(client, "balances", balances.MODEL.version).number == number
