"""The live regions of transfers, and money in flight, over read models that stand still."""

import asyncio
import re
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from domain.transfers import TRANSFERS
from eventstore.memory import MemoryStore
from projections.engine import keys
from projections.engine.clients import Redis, reader
from projections.readmodels import balances
from tests.kit.importing import no_imports
from tests.kit.journal import Journal, tell
from tests.kit.projector import project_all
from tests.kit.transfers import TRANSFER, declined_in, receive, record, request, send, sent
from tests.kit.users import fresh_keys
from tests.kit.valkey import valkey
from web import messages_on_transfers as messages
from web.app import services_of
from web.live.regions import Regions
from web.nouns import REGIONS

REGION = f"transfer:{TRANSFER}"


@pytest.fixture
def journal() -> Journal:
    """Account a has sent 1.00 CZK, which has not arrived at b."""
    made = Journal()
    for account in "ab":
        made.open(account)
    made.book("a", 500)
    tell(made, TRANSFERS, request())
    made.give(send(100))
    tell(made, TRANSFERS, record(sent()))
    return made


@pytest.fixture
async def redis(journal: Journal) -> AsyncIterator[Redis]:
    with valkey() as server:
        await asyncio.to_thread(project_all, lambda: journal.log, server.url)
        async with reader(server.url) as made:
            yield made


async def shown(journal: Journal, redis: Redis, topic: str) -> str:
    services = services_of(MemoryStore(journal.records), redis, fresh_keys(), no_imports(), "CZK", {})
    message = await Regions(services, REGIONS).whole(topic)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>|data: ", "", message.data.decode()))


async def test_money_in_flight_is_next_to_the_totals(journal: Journal, redis: Redis) -> None:
    assert "Balance of all accounts was 4.00 CZK Money in flight was 1.00 CZK" in await shown(
        journal, redis, "totals"
    )


async def test_it_is_said_that_no_money_is_in_flight(journal: Journal) -> None:
    journal.give(receive(100))
    with valkey() as server:
        await asyncio.to_thread(project_all, lambda: journal.log, server.url)
        async with reader(server.url) as redis:
            assert "5.00 CZK Money in flight none" in await shown(journal, redis, "totals")


async def test_no_false_zero_is_shown_while_balances_are_rebuilt(journal: Journal, redis: Redis) -> None:
    await redis.delete(keys.live(balances.MODEL.name))
    assert "Money in flight – Accounts" in await shown(journal, redis, "totals")


async def test_a_transfer_says_what_it_waits_for(journal: Journal, redis: Redis) -> None:
    page = await shown(journal, redis, REGION)
    assert messages.debited("a") in page
    assert messages.next_is_credit("b") in page


async def test_a_transfer_that_the_read_model_does_not_have_yet_settles(
    journal: Journal, redis: Redis
) -> None:
    tell(journal, TRANSFERS, request(2))
    of = list(journal.records.streams)[-1].partition("-")[2]
    page = await shown(journal, redis, f"transfer:{of}")
    assert "settling" in page
    assert "1.00 CZK" in page
    assert "Not found" in await shown(journal, redis, f"transfer:{uuid4()}")


async def test_a_transfer_is_shown_as_it_was_requested_while_the_read_model_is_rebuilt(
    journal: Journal, redis: Redis
) -> None:
    await redis.delete(keys.live("transfers"))
    page = await shown(journal, redis, REGION)
    assert "The list of transfers is being rebuilt" in page
    assert "1.00 CZK" in page


async def test_a_declined_transfer_says_that_the_money_goes_back(journal: Journal) -> None:
    tell(journal, TRANSFERS, record(declined_in("account-closed")))
    with valkey() as server:
        await asyncio.to_thread(project_all, lambda: journal.log, server.url)
        async with reader(server.url) as redis:
            page = await shown(journal, redis, REGION)
    assert messages.declined("b", "account-closed") in page
    assert messages.next_is_refund("a") in page
