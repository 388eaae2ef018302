"""The registry of regions: one source for a page and its updates; a missing read model affects only its regions."""

import asyncio
import re
from collections.abc import AsyncIterator

import msgspec
import pytest

from eventstore.memory import MemoryStore, Records
from projections.engine import keys
from projections.engine.clients import Redis, reader
from projections.engine.writes import stored
from projections.readmodels.balances import ROWS, TOTALS, Row
from tests.kit.importing import no_imports
from tests.kit.journal import Journal
from tests.kit.projector import project_all
from tests.kit.users import fresh_keys
from tests.kit.valkey import valkey
from tests.web.kit import regions_over
from web.accounts.pages import search
from web.app import services_of
from web.live.batch import MOST, Batch
from web.live.regions import Regions

TOPICS = ("accounts", "totals", "feed", "status", "account:anna")


@pytest.fixture
async def redis() -> AsyncIterator[Redis]:
    """Read models of one account, without a running projector."""
    journal = Journal()
    journal.book("anna", 12_345)
    with valkey() as server:
        await asyncio.to_thread(project_all, lambda: journal.log, server.url)
        async with reader(server.url) as made:
            yield made


async def test_every_topic_has_one_region_and_unknown_ones_none(redis: Redis) -> None:
    regions = regions_over(redis, Regions)
    plain = {"accounts", "feed", "feed-page", "totals", "status", "changed", "transfers", "imports"}
    assert {*regions.topics} == plain | {"account:ID", "transfer:ID", "import:ID"}
    assert all(regions.knows(topic) for topic in (*TOPICS, "changed"))
    for topic in (
        "",
        "account",
        "transfer:",
        "transfer:nope",
        "import:nope",
        "account:",
        "account:../x",
        "accounts:anna",
        "accounts:",
        "nope",
        ":",
    ):
        assert not regions.knows(topic)


async def test_a_region_is_sent_as_its_page_shows_it(redis: Redis) -> None:
    regions = regions_over(redis, Regions)
    sent = {topic: (await regions.whole(topic)).data.decode() for topic in TOPICS}
    assert re.findall(r'hx-target="#([\w-]+)"', "".join(sent.values())) == [
        *("accounts", "accounts-pager", "figures", "accounts-count", "feed", "status", "models"),
        *("account-head", "holds", "history", "history-pager"),
    ]
    shown = await regions.context(*TOPICS)
    assert shown["totals"].balances == {"CZK": 12_345}
    assert 'value="123.45"' in sent["totals"]
    assert 'id="account-anna"' in sent["accounts"]
    assert f'id="event-{shown["items"][0].event_id}"' in sent["feed"]
    assert f'id="entry-{shown["view"].entries[0].entry_id}"' in sent["account:anna"]


REBUILDING = {
    "accounts": ("balances", "The list of accounts is being rebuilt"),
    "totals": ("balances", "Being rebuilt"),
    "feed": ("feed", "The book of original entry is being rebuilt"),
}


@pytest.mark.parametrize("missing", ["balances", "history", "feed"])
async def test_a_missing_read_model_affects_no_other_region(redis: Redis, missing: str) -> None:
    regions = regions_over(redis, Regions)
    await redis.delete(keys.live(missing))
    for topic, (model, words) in REBUILDING.items():
        said = (await regions.whole(topic)).data.decode()
        assert (words in said) == (model == missing), topic
    assert "being rebuilt" in (await regions.whole("status")).data.decode()
    page = (await regions.whole("account:anna")).data.decode()
    assert ("This one appears when it is complete" in page) == (missing == "balances")
    assert ("The list of entries is being rebuilt" in page) == (missing == "history")


async def test_a_search_goes_to_the_list_while_balances_are_missing(redis: Redis) -> None:
    services = services_of(MemoryStore(Records()), redis, fresh_keys(), no_imports(), "CZK", {})
    assert (await search.fn(services, q="anna")).url == "/accounts/anna"
    await redis.delete(keys.live("balances"))
    assert (await search.fn(services, q="anna")).url == "/?q=anna"


async def test_changes_are_sent_in_parts_or_whole(redis: Redis) -> None:
    regions, batch = regions_over(redis, Regions), changed(["anna"])
    part, whole = await regions.of("accounts", batch), await regions.of("status", batch)
    assert (part.whole, whole.whole) == (False, True)
    assert "hx-upsert" in part.data.decode()
    assert (await regions.of("accounts", changed(["anna"] * (MOST + 1)))).whole


async def test_totals_are_shown_as_of_the_change_without_reading_them(redis: Redis) -> None:
    regions, batch = regions_over(redis, Regions), changed(["anna"])
    read = await regions.of("totals", batch)
    sums = ["accounts", "1", "events", "2", "balance:CZK", "12345"]
    batch.add(200, {TOTALS: [("", msgspec.msgpack.encode(sums))]})
    await redis.flushall()
    told = await regions.of("totals", batch)
    assert (told.data, told.whole) == (read.data, True)


OF_EVERY_ACCOUNT = {"accounts", "totals", "status", "changed"}


@pytest.mark.parametrize(
    ("accounts", "concerned"),
    [
        (["anna"], {*OF_EVERY_ACCOUNT, "account:anna"}),
        (["carl", "dora"], {*OF_EVERY_ACCOUNT, "account:carl"}),
        (["anna"] * (MOST + 1), {*OF_EVERY_ACCOUNT, "account:anna", "account:carl", "account:nobody"}),
        ([], {"status"}),
    ],
    ids=["one", "two", "too many to keep", "none"],
)
async def test_changes_concern_only_the_topics_that_show_them(
    redis: Redis, accounts: list[str], concerned: set[str]
) -> None:
    topics = (*TOPICS, "changed", "account:carl", "account:nobody", "transfer:x")
    found = regions_over(redis, Regions).concerned(changed(accounts), topics)
    assert (set(found), len(found)) == (concerned, len(concerned))


async def test_after_a_loss_of_changes_every_topic_is_concerned(redis: Redis) -> None:
    resync = Batch()
    resync.add(300, {}, resync=True)
    assert regions_over(redis, Regions).concerned(resync, TOPICS) == list(TOPICS)


def changed(accounts: list[str]) -> Batch:
    batch = Batch()
    row = stored(Row(200, 1, 0, "CZK", 12_345, 12_345, 0, 0, "open", None))
    assert isinstance(row, bytes)
    batch.add(200, {ROWS: [(account, row) for account in accounts]})
    return batch
