import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from typing import Any

import msgspec
import pytest
import redis as redis_py

from projections.engine import advance, filling, generations
from projections.engine import changes as changes_module
from projections.engine.changes import Changes, changes
from projections.engine.clients import Redis, writer
from projections.engine.readmodel import ReadModel
from projections.readmodels import READ_MODELS, balances, feed, history
from tests.kit.journal import Journal, traffic
from tests.kit.projector import Running, projecting, settle, until
from tests.projections.counts import ONE


@pytest.fixture
def running(journal: Journal, url: str) -> Iterator[Running]:
    journal.book("first", 1)
    with projecting(lambda: journal.log, url) as made, writer(url) as client:
        settle(client, journal.all[-1].position)
        yield made


async def rows(redis: Redis, change: Changes) -> tuple[balances.AccountRow, ...]:
    return await balances.changed(redis, change.channels.get(balances.ROWS, ()))


def entries(change: Changes) -> list[tuple[str, int, int]]:
    found = history.changed(change.channels.get(history.ENTRIES, ()))
    return [(account_id, entry.amount, entry.balance) for account_id, entry in found]


def summed(change: Changes) -> balances.Totals:
    ((member, value),) = change.channels[balances.TOTALS]
    assert member == ""
    return balances.changed_totals(value)


def positions(change: Changes) -> list[int]:
    return [item.position for item in feed.changed(change.channels.get(feed.ITEMS, ()))]


async def published(tail: AsyncIterator[Changes], journal: Journal, account_id: str) -> Changes:
    """The change of an entry on the account, after all read models are published again."""
    while True:
        *_, change = await upto(tail, journal.book(account_id, 6))
        if {balances.ROWS, history.ENTRIES, feed.ITEMS} <= change.channels.keys():
            return change


async def upto(tail: AsyncIterator[Changes], position: int) -> list[Changes]:
    seen = []
    async with asyncio.timeout(20):
        async for change in tail:
            seen.append(change)
            if change.position >= position:
                return seen
    raise AssertionError("the tail ended")


@pytest.mark.usefixtures("running")
async def test_the_first_change_says_where_the_sequence_begins(journal: Journal, redis: Redis) -> None:
    async with aclosing(changes(redis, READ_MODELS, None)) as tail:
        first = await anext(tail)
    assert (first.position, first.resync, first.channels) == (journal.all[-1].position, False, {})


@pytest.mark.usefixtures("running")
async def test_a_change_has_the_row_the_entry_and_the_item_of_one_position(
    journal: Journal, redis: Redis
) -> None:
    journal.open("anna", user_id="u-1")
    async with aclosing(changes(redis, READ_MODELS, None)) as tail:
        await upto(tail, journal.all[-1].position)
        position = journal.book("anna", 250)
        (change,) = await upto(tail, position)
        row = await balances.account(redis, "anna")
        totals = await balances.totals(redis)
    assert await rows(redis, change) == (row,)
    assert summed(change) == totals
    assert row is not None
    assert (row.holder, row.balance) == ("u-1", 250)
    assert entries(change) == [("anna", 250, 250)]
    assert positions(change) == [position]


async def test_a_value_that_is_text_is_published_like_any_other(
    journal: Journal, url: str, client: redis_py.Redis, redis: Redis
) -> None:
    journal.open("anna")
    with projecting(lambda: journal.log, url, [ONE]):
        settle(client, journal.all[-1].position, [ONE])
        async with aclosing(changes(redis, [ONE], None)) as tail:
            await anext(tail)
            position = journal.book("anna", 250)
            (change,) = await upto(tail, position)
    ((member, value),) = change.channels["counts:last"]
    assert (member, msgspec.msgpack.decode(value)) == ("MoneyDeposited", str(position))


@pytest.mark.usefixtures("running")
async def test_the_changes_after_a_position_are_everything_after_it(journal: Journal, redis: Redis) -> None:
    start = journal.all[-1].position
    async with aclosing(changes(redis, READ_MODELS, start)) as tail:
        for number in range(40):
            journal.book(f"acc-{number % 5}", number + 1)
            await asyncio.sleep(0.001)
        first = await upto(tail, journal.all[-1].position)
    async with aclosing(changes(redis, READ_MODELS, start)) as tail:
        again = await upto(tail, journal.all[-1].position)
    expected = [event.position for event in journal.all if event.position > start]
    for seen in (first, again):
        assert [position for change in seen for position in positions(change)] == expected
        assert not any(change.resync for change in seen)
        assert [change.position for change in seen] == sorted({change.position for change in seen})


@pytest.mark.usefixtures("running")
async def test_changes_that_the_feed_no_longer_holds_cause_a_resync(journal: Journal, redis: Redis) -> None:
    async with aclosing(changes(redis, READ_MODELS, 1)) as tail:
        first = await anext(tail)
    assert (first.position, first.resync) == (journal.all[-1].position, True)


@pytest.mark.usefixtures("running")
async def test_more_events_than_a_page_can_follow_are_a_resync(journal: Journal, redis: Redis) -> None:
    async with aclosing(changes(redis, READ_MODELS, None)) as tail:
        await anext(tail)
        with journal.records.changed:
            traffic(journal, advance.PUBLISHED + 6_000)
        seen = await upto(tail, journal.all[-1].position)
    assert any(change.resync for change in seen)
    assert all(len(positions(change)) <= advance.PUBLISHED for change in seen)


@pytest.mark.usefixtures("running")
async def test_a_flipped_generation_causes_a_resync_and_the_tail_continues(
    journal: Journal, redis: Redis, client: redis_py.Redis
) -> None:
    async with aclosing(changes(redis, READ_MODELS, None)) as tail:
        await anext(tail)
        made = generations.create(client, "balances", 1)
        assert generations.publish(client, made, instead_of=generations.live(client, "balances"))
        position = journal.book("anna", 5)
        seen = await upto(tail, position)
        assert any(change.resync for change in seen)
        change = await published(tail, journal, "anna")
        (row,) = await rows(redis, change)
    assert row.balance == journal.balance("anna")


@pytest.mark.usefixtures("running")
async def test_after_a_wipe_comes_a_resync_and_the_tail_continues(
    journal: Journal, redis: Redis, client: redis_py.Redis
) -> None:
    async with aclosing(changes(redis, READ_MODELS, None)) as tail:
        await anext(tail)
        client.flushall()
        position = journal.book("anna", 5)
        seen = await upto(tail, position)
        assert any(change.resync for change in seen)
        change = await published(tail, journal, "anna")
        (row,) = await rows(redis, change)
    assert row.balance == journal.balance("anna")


@pytest.mark.usefixtures("running")
async def test_a_model_that_is_missing_is_left_out_and_the_others_are_published(
    journal: Journal, redis: Redis, client: redis_py.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filling, "rebuild", lambda *args, stop, **kwargs: stop.wait(20) and [])
    async with aclosing(changes(redis, READ_MODELS, None)) as tail:
        await anext(tail)
        generations.withdraw(client, "feed")
        seen = await upto(tail, journal.book("anna", 5))
        seen += await upto(tail, journal.book("anna", 6))
    assert any(change.resync for change in seen)
    assert entries(seen[-1]) == [("anna", 6, 11)]
    assert positions(seen[-1]) == []


@pytest.mark.usefixtures("running")
async def test_a_model_that_is_live_again_causes_a_resync_and_is_published_again(
    journal: Journal, redis: Redis, client: redis_py.Redis
) -> None:
    async with aclosing(changes(redis, READ_MODELS, None)) as tail:
        await anext(tail)
        generations.withdraw(client, "feed")
        position = journal.book("anna", 5)
        until(lambda: client.get("daybook:projection:feed") is not None)
        seen = await upto(tail, position)
        while not positions(seen[-1]):
            seen += await upto(tail, journal.book("anna", 6))
    assert any(change.resync for change in seen)


@pytest.mark.usefixtures("running")
async def test_a_model_that_does_not_keep_up_is_left_out(
    journal: Journal, redis: Redis, client: redis_py.Redis
) -> None:
    async with aclosing(changes(redis, READ_MODELS, None)) as tail:
        await anext(tail)
        client.delete("{feed:1}:items")
        client.set("{feed:1}:items", "somebody else's")
        seen = await upto(tail, journal.book("anna", 5))
        seen += await upto(tail, journal.book("anna", 6))
    assert any(change.resync for change in seen)
    assert entries(seen[-1]) == [("anna", 6, 11)]


async def test_a_model_that_a_batch_does_not_concern_holds_up_nothing(
    journal: Journal, url: str, redis: Redis, client: redis_py.Redis
) -> None:
    others = msgspec.structs.replace(ONE, categories=("user",))
    models = (balances.MODEL, history.MODEL, others)
    journal.book("first", 1)
    with projecting(lambda: journal.log, url, models):
        settle(client, journal.all[-1].position, models)
        async with aclosing(changes(redis, models, None)) as tail:
            await anext(tail)
            seen = await upto(tail, journal.book("anna", 5))
            seen += await upto(tail, journal.book("anna", 6))
    assert not any(change.resync for change in seen)
    assert [entry for change in seen for entry in entries(change)] == [("anna", 5, 5), ("anna", 6, 11)]


async def test_feeds_that_come_along_are_never_a_resync_though_something_always_waits(
    redis: Redis, client: redis_py.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One feed is always an entry ahead when the tail looks."""
    monkeypatch.setattr(changes_module, "_LAG", 0.3)
    prefixes = [published_empty(client, model) for model in (balances.MODEL, history.MODEL)]

    async def write() -> None:
        append(client, prefixes[0], 1)
        for position in range(1, 200):
            append(client, prefixes[0], position + 1)
            append(client, prefixes[1], position)
            await asyncio.sleep(0.005)

    async with aclosing(changes(redis, (balances.MODEL, history.MODEL), None)) as tail:
        await anext(tail)
        writing = asyncio.create_task(write())
        seen = await upto(tail, 199)
        await writing
    assert not any(change.resync for change in seen)


async def test_what_was_trimmed_before_the_tail_came_to_it_is_a_resync(
    redis: Redis, client: redis_py.Redis
) -> None:
    prefix = published_empty(client, balances.MODEL)
    async with aclosing(changes(redis, [balances.MODEL], None)) as tail:
        await anext(tail)
        for position in range(1, 300):
            append(client, prefix, position)
        client.xtrim(f"{prefix}changes", maxlen=50, approximate=False)
        seen = await upto(tail, 299)
    assert any(change.resync for change in seen)


def published_empty(client: redis_py.Redis, model: ReadModel[Any]) -> str:
    made = generations.create(client, model.name, model.version)
    assert generations.publish(client, made)
    return made.prefix


def append(client: redis_py.Redis, prefix: str, position: int) -> None:
    """As a commit without a value."""
    entry: dict[Any, Any] = {"changes": msgspec.msgpack.encode((position, [])), "resync": 0}
    client.xadd(f"{prefix}changes", entry, id=f"{position}-0")
    client.hset(f"{prefix}meta", "checkpoint", position)
