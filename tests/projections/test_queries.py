"""What pages ask, on a real Valkey."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence

import pytest

from domain.money import LIMIT
from projections.engine import clients
from projections.engine.clients import Redis
from projections.engine.reading import ReadModelUnavailable
from projections.engine.status import position, status, wait_for
from projections.readmodels import READ_MODELS
from projections.readmodels.balances import AccountRow, account, accounts, totals
from projections.readmodels.feed import newest as feed
from projections.readmodels.history import entries as history
from tests.kit.journal import DAY, Journal, traffic
from tests.kit.projector import project_all, projecting
from tests.kit.valkey import valkey


async def pages(redis: Redis, limit: int, **asked: object) -> list[list[AccountRow]]:
    found, after = [], None
    while True:
        page = await accounts(redis, limit=limit, after=after, **asked)  # type: ignore[arg-type]
        found.append(list(page.accounts))
        after = page.after
        if after is None:
            return found


def ids(rows: Sequence[AccountRow]) -> list[str]:
    return [row.account_id for row in rows]


async def test_an_account_is_as_of_its_last_event(journal: Journal, url: str, redis: Redis) -> None:
    journal.open("anna", "EUR", "u-1")
    journal.book("anna", 500, "EUR")
    at = journal.book("anna", -120, "EUR")
    project_all(lambda: journal.log, url)
    row = await account(redis, "anna")
    assert row == AccountRow(
        account_id="anna",
        currency="EUR",
        user_id="u-1",
        state="open",
        balance=380,
        last_amount=-120,
        revision=2,
        position=at,
        changed=journal.all[-1].created,
    )
    assert await account(redis, "nobody") is None


async def test_accounts_come_by_last_change_and_pages_join_without_gap_or_repeat(
    journal: Journal, url: str, redis: Redis
) -> None:
    traffic(journal, 200, accounts=25)
    project_all(lambda: journal.log, url)
    found = await pages(redis, 7)
    assert [len(page) for page in found] == [7, 7, 7, 4]
    last_change = {event.stream.removeprefix("account-"): event.position for event in journal.all}
    expected = sorted(last_change, key=lambda name: -last_change[name])
    assert ids([row for page in found for row in page]) == expected


async def test_balances_below_a_sum_come_lowest_first_and_ties_are_neither_lost_nor_repeated(
    journal: Journal, url: str, redis: Redis
) -> None:
    for number in range(30):
        journal.book(f"acc-{number:02}", 100 if number % 3 else number + 1)
    journal.book("euro", 1, "EUR")
    journal.book("limit", 150)
    project_all(lambda: journal.log, url)
    found = await pages(redis, 4, balance_below=150, currency="CZK")
    rows = [row for page in found for row in page]
    assert [(row.balance, row.account_id) for row in rows] == sorted(
        (100 if number % 3 else number + 1, f"acc-{number:02}") for number in range(30)
    )


async def test_balance_below_needs_a_currency(redis: Redis) -> None:
    with pytest.raises(ValueError, match="say which"):
        await accounts(redis, balance_below=5)


@pytest.mark.parametrize("after", ["x", "1:2:x", "--"])
async def test_a_cursor_that_no_page_gave_is_refused(
    journal: Journal, url: str, redis: Redis, after: str
) -> None:
    project_all(lambda: journal.log, url)
    with pytest.raises(ValueError, match="after"):
        await accounts(redis, after=after)


async def test_a_search_finds_text_in_ids_whatever_its_case_and_currency_filters(
    journal: Journal, url: str, redis: Redis
) -> None:
    for name, currency in (("Anna", "CZK"), ("hanna", "EUR"), ("eva", "CZK"), ("susanna", "EUR")):
        journal.book(name, 1, currency)
    project_all(lambda: journal.log, url)
    assert ids((await accounts(redis, q="aNN")).accounts) == ["susanna", "hanna", "Anna"]
    assert ids((await accounts(redis, q="ann", currency="EUR", limit=1)).accounts) == ["susanna"]
    found = await pages(redis, 1, q="ann", currency="EUR")
    assert [ids(page) for page in found] == [["susanna"], ["hanna"]]


async def test_history_is_newest_first_and_continues_before_any_position(
    journal: Journal, url: str, redis: Redis
) -> None:
    journal.open("anna")
    positions = [journal.book("anna", amount, note=f"no {amount}") for amount in range(1, 21)]
    journal.book("other", 1)
    project_all(lambda: journal.log, url)
    newest = await history(redis, "anna", limit=5)
    assert [entry.amount for entry in newest] == [20, 19, 18, 17, 16]
    assert [entry.balance for entry in newest] == [210, 190, 171, 153, 136]
    assert (newest[0].type, newest[0].value_date, newest[0].note) == ("MoneyDeposited", DAY, "no 20")
    for index, at in enumerate(positions):
        older = await history(redis, "anna", before=at, limit=100)
        assert [entry.position for entry in older] == positions[:index][::-1]
        between = await history(redis, "anna", before=at + 1, limit=1)
        assert [entry.position for entry in between] == [at]
    assert await history(redis, "anna", before=1) == ()
    assert await history(redis, "nobody") == ()


async def test_the_feed_is_the_newest_events_of_all_accounts(
    journal: Journal, url: str, redis: Redis
) -> None:
    traffic(journal, 1_200, accounts=3)
    project_all(lambda: journal.log, url)
    newest = await feed(redis, limit=3)
    assert [item.position for item in newest] == [event.position for event in journal.all[-1:-4:-1]]
    older = await feed(redis, before=newest[-1].position, limit=2)
    assert [item.position for item in older] == [event.position for event in journal.all[-4:-6:-1]]
    assert await feed(redis, before=journal.all[-1_000].position) == ()


async def test_totals_are_exact_beyond_64_bits(journal: Journal, url: str, redis: Redis) -> None:
    for number in range(1_100):
        journal.book(f"rich-{number}", LIMIT - 1)
    journal.book("poor", -5, "EUR")
    project_all(lambda: journal.log, url)
    found = await totals(redis)
    assert found.held == {"CZK": 1_100 * (LIMIT - 1), "EUR": -5}
    assert found.held["CZK"] > 2**63
    assert (found.accounts, found.events) == (1_101, 2_202)


async def test_waiting_ends_once_the_position_is_reached_and_no_later_than_asked(
    journal: Journal, url: str, redis: Redis
) -> None:
    journal.book("anna", 1)
    with projecting(lambda: journal.log, url):
        assert await wait_for(redis, READ_MODELS, journal.all[-1].position, timeout=5)
        coming = journal.all[-1].position + 100
        waiting = asyncio.create_task(wait_for(redis, READ_MODELS, coming, timeout=5))
        await asyncio.sleep(0.05)
        assert journal.book("anna", 2) == coming
        assert await waiting
        assert not await wait_for(redis, READ_MODELS, coming + 100, timeout=0.05)


async def test_a_redis_that_is_gone_or_says_nothing_is_unavailable_within_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clients, "QUERY_DEADLINE", 0.3)
    silent = socket.create_server(("127.0.0.1", 0))
    port = silent.getsockname()[1]
    asks: tuple[Callable[[Redis], Awaitable[object]], ...] = (
        lambda redis: position(redis, READ_MODELS),
        lambda redis: status(redis, READ_MODELS),
        lambda redis: wait_for(redis, READ_MODELS, 1, timeout=1),
        lambda redis: account(redis, "a"),
        lambda redis: history(redis, "a"),
        totals,
        feed,
        accounts,
    )
    for url in (f"redis://127.0.0.1:{port}", "unix:///nowhere/socket"):
        redis = clients.reader(url)
        for ask in asks:
            async with asyncio.timeout(3):
                with pytest.raises(ReadModelUnavailable, match="Redis gave no answer"):
                    await ask(redis)
        await redis.aclose()
    silent.close()


async def test_queries_go_on_after_redis_was_restarted(journal: Journal) -> None:
    with valkey("--appendonly", "yes", "--appendfsync", "always") as server:
        journal.book("anna", 5)
        project_all(lambda: journal.log, server.url)
        redis = clients.reader(server.url)
        assert await account(redis, "anna") is not None
        server.kill()
        with pytest.raises(ReadModelUnavailable):
            await account(redis, "anna")
        server.start()
        assert await account(redis, "anna") is not None
        await redis.aclose()


async def test_a_cancelled_query_never_gives_its_answer_to_another(
    journal: Journal, url: str, redis: Redis
) -> None:
    for number in range(20):
        journal.book(f"acc-{number}", number + 1)
    project_all(lambda: journal.log, url)

    async def ask(number: int) -> None:
        row = await account(redis, f"acc-{number}")
        assert row is not None
        assert row.balance == number + 1

    for turn in range(30):
        asking = [asyncio.create_task(ask(number)) for number in range(20)]
        await asyncio.sleep(turn / 10_000)
        for task in asking[::2]:
            task.cancel()
        results = await asyncio.gather(*asking, return_exceptions=True)
        assert all(result is None or isinstance(result, asyncio.CancelledError) for result in results)
