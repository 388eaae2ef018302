import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing

import pytest
import redis as redis_py

from projections import advance, generations
from projections.changes import changes
from projections.clients import Redis, writer
from projections.models import Changes
from projections.queries import account
from tests.kit.ledger import Ledger, traffic
from tests.kit.projector import Running, projecting, settle


@pytest.fixture
def running(ledger: Ledger, url: str) -> Iterator[Running]:
    ledger.book("first", 1)
    with projecting(lambda: ledger.log, url) as made, writer(url) as client:
        settle(client, ledger.all[-1].position)
        yield made


async def upto(tail: AsyncIterator[Changes], position: int) -> list[Changes]:
    seen = []
    async with asyncio.timeout(20):
        async for change in tail:
            seen.append(change)
            if change.position >= position:
                return seen
    raise AssertionError("the tail ended")


@pytest.mark.usefixtures("running")
async def test_the_first_change_says_where_the_sequence_begins(ledger: Ledger, redis: Redis) -> None:
    async with aclosing(changes(redis, None)) as tail:
        first = await anext(tail)
    assert (first.position, first.resync, first.accounts) == (ledger.all[-1].position, False, ())


@pytest.mark.usefixtures("running")
async def test_a_change_tells_the_row_the_entry_and_the_item_at_one_position(
    ledger: Ledger, redis: Redis
) -> None:
    ledger.open("anna", user_id="u-1")
    async with aclosing(changes(redis, None)) as tail:
        await upto(tail, ledger.all[-1].position)
        position = ledger.book("anna", 250)
        (change,) = await upto(tail, position)
        row = await account(redis, "anna")
    assert change.accounts == (row,)
    assert row is not None
    assert (row.user_id, row.balance) == ("u-1", 250)
    assert [(entry.amount, entry.balance) for entry in change.history] == [(250, 250)]
    assert [item.position for item in change.feed] == [position]


@pytest.mark.usefixtures("running")
async def test_the_changes_after_a_position_are_everything_after_it(ledger: Ledger, redis: Redis) -> None:
    start = ledger.all[-1].position
    async with aclosing(changes(redis, start)) as tail:
        for number in range(40):
            ledger.book(f"acc-{number % 5}", number + 1)
            await asyncio.sleep(0.001)
        first = await upto(tail, ledger.all[-1].position)
    async with aclosing(changes(redis, start)) as tail:
        again = await upto(tail, ledger.all[-1].position)
    expected = [event.position for event in ledger.all if event.position > start]
    for seen in (first, again):
        assert [item.position for change in seen for item in change.feed] == expected
        assert not any(change.resync for change in seen)
        assert [change.position for change in seen] == sorted({change.position for change in seen})


@pytest.mark.usefixtures("running")
async def test_what_the_feed_no_longer_holds_is_a_resync(ledger: Ledger, redis: Redis) -> None:
    async with aclosing(changes(redis, 1)) as tail:
        first = await anext(tail)
    assert (first.position, first.resync) == (ledger.all[-1].position, True)


@pytest.mark.usefixtures("running")
async def test_more_events_than_a_page_can_follow_are_a_resync(ledger: Ledger, redis: Redis) -> None:
    async with aclosing(changes(redis, None)) as tail:
        await anext(tail)
        with ledger.records.changed:
            traffic(ledger, advance.FED + 6_000)
        seen = await upto(tail, ledger.all[-1].position)
    assert any(change.resync for change in seen)
    assert all(len(change.feed) <= advance.FED for change in seen)


@pytest.mark.usefixtures("running")
async def test_a_flipped_generation_is_a_resync_and_the_tail_goes_on(
    ledger: Ledger, redis: Redis, client: redis_py.Redis
) -> None:
    async with aclosing(changes(redis, None)) as tail:
        await anext(tail)
        made = generations.create(client, "balances")
        assert generations.publish(client, "balances", made.number, instead_of=made.number - 1)
        position = ledger.book("anna", 5)
        seen = await upto(tail, position)
        assert any(change.resync for change in seen)
        (change,) = await upto(tail, ledger.book("anna", 6))
    assert [row.balance for row in change.accounts] == [11]


@pytest.mark.usefixtures("running")
async def test_after_a_wipe_comes_a_resync_and_the_tail_goes_on(
    ledger: Ledger, redis: Redis, client: redis_py.Redis
) -> None:
    async with aclosing(changes(redis, None)) as tail:
        await anext(tail)
        client.flushall()
        position = ledger.book("anna", 5)
        seen = await upto(tail, position)
        assert any(change.resync for change in seen)
        (change,) = await upto(tail, ledger.book("anna", 6))
    assert [row.balance for row in change.accounts] == [11]
