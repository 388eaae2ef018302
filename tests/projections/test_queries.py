"""The queries of pages, with read models in memory, and with those that a projector made in a Valkey."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from uuid import uuid4

import msgspec
import pytest

from domain.accounts import PlaceHold, UnfreezeAccount
from domain.identifiers import AccountId
from domain.money import LIMIT, Amount
from eventstore.codec import Fact
from projections import messages
from projections.engine import paging
from projections.engine.clients import Redis
from projections.engine.facts import Streams
from projections.engine.reading import LONGEST_PAGE, ReadModelMissing
from projections.engine.writes import HashSet
from projections.readmodels import balances
from projections.readmodels.balances import (
    AccountRow,
    Wanted,
    account,
    accounts,
    all_accounts,
    queries,
    totals,
)
from projections.readmodels.feed import newest as feed
from projections.readmodels.history import entries as history
from projections.readmodels.history import entry
from tests.kit.journal import DAY, Journal, every_kind_of_event, traffic
from tests.kit.memory_redis import ReadSide


async def pages(redis: Redis, limit: int, **asked: object) -> list[list[AccountRow]]:
    found, after = [], None
    while True:
        wanted = Wanted(**asked)  # type: ignore[arg-type]
        page = await accounts(redis, wanted, limit=limit, after=after)
        found.append(list(page.accounts))
        after = page.after
        if after is None:
            return found


def ids(rows: Sequence[AccountRow]) -> list[str]:
    return [row.account_id for row in rows]


async def test_an_account_is_as_of_its_last_event(journal: Journal, read_side: ReadSide) -> None:
    journal.open("anna", "EUR", "u-1")
    journal.book("anna", 500, "EUR")
    at = journal.book("anna", -120, "EUR")
    read_side.project(journal)
    row = await account(read_side.redis, "anna")
    assert row == AccountRow(
        account_id="anna",
        currency="EUR",
        holder="u-1",
        state="open",
        balance=380,
        held=0,
        overdraft=0,
        last_amount=-120,
        revision=2,
        position=at,
        changed=journal.all[-1].created,
    )
    assert await account(read_side.redis, "nobody") is None


async def test_an_account_has_its_active_holds_oldest_first(journal: Journal, read_side: ReadSide) -> None:
    journal.open("anna")
    every_kind_of_event(journal, "anna")
    ends = datetime(2026, 1, 5, 12, tzinfo=UTC) + timedelta(1)
    journal.give(UnfreezeAccount(account_id=AccountId("anna"), command_id=uuid4()))
    last = PlaceHold(account_id=AccountId("anna"), command_id=uuid4(), amount=Amount(3, 0), at=ends)
    journal.give(last)
    read_side.project(journal)
    row = await account(read_side.redis, "anna")
    assert row is not None
    assert [(hold.amount, hold.expires) for hold in row.holds] == [(100, ends), (300, None)]
    assert row.holds[1].hold_id == last.effect_id
    assert (row.held, row.available) == (400, row.balance - 400 + row.overdraft)


async def test_several_accounts_are_read_at_once(journal: Journal, read_side: ReadSide) -> None:
    for name in ("anna", "bob", "cyril"):
        journal.book(name, 500)
    read_side.project(journal)
    found = await balances.several(read_side.redis, ["bob", "nobody", "anna"])
    assert {name: row.balance for name, row in found.items()} == {"anna": 500, "bob": 500}
    assert await balances.several(read_side.redis, []) == {}


async def test_accounts_come_by_last_change_and_pages_join_without_gap_or_repeat(
    journal: Journal, read_side: ReadSide
) -> None:
    traffic(journal, 200, accounts=25)
    read_side.project(journal)
    found = await pages(read_side.redis, 7)
    assert [len(page) for page in found] == [7, 7, 7, 4]
    last_change = {event.stream.removeprefix("account-"): event.position for event in journal.all}
    expected = sorted(last_change, key=lambda name: -last_change[name])
    assert ids([row for page in found for row in page]) == expected


async def test_balances_below_a_sum_come_lowest_first_and_ties_are_neither_lost_nor_repeated(
    journal: Journal, read_side: ReadSide
) -> None:
    for number in range(30):
        journal.book(f"acc-{number:02}", 100 if number % 3 else number + 1)
    journal.book("euro", 1, "EUR")
    journal.book("limit", 150)
    read_side.project(journal)
    found = await pages(read_side.redis, 4, balance_below=150, currency="CZK")
    rows = [row for page in found for row in page]
    assert [(row.balance, row.account_id) for row in rows] == sorted(
        (100 if number % 3 else number + 1, f"acc-{number:02}") for number in range(30)
    )


async def test_all_accounts_are_found_once_although_some_change_meanwhile(
    journal: Journal, read_side: ReadSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "LONGEST_PAGE", 5)
    names = [f"acc-{number:02}" for number in range(20)]
    for name in names:
        journal.book(name, 100)
    read_side.project(journal)
    moved = iter(
        ["acc-00", "acc-19", "acc-10"]
    )  # the last one of the list, one found already, one in between
    found = []
    async for rows in all_accounts(read_side.redis):
        found += ids(rows)
        for name in islice(moved, 1):
            journal.book(name, 7)
            read_side.project(journal)
    assert found[:5] == names[:-6:-1]
    assert sorted(found) == names


async def test_all_accounts_below_a_sum_include_those_that_come_below_it_meanwhile(
    journal: Journal, read_side: ReadSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "LONGEST_PAGE", 2)
    for number in range(6):
        journal.book(f"acc-{number}", 100 + number)
    journal.book("rich", 1_000)
    read_side.project(journal)
    parts = all_accounts(read_side.redis, Wanted(balance_below=500, currency="CZK"))
    found = ids(await anext(parts))
    journal.book("rich", -900)
    journal.book("acc-5", -50)
    read_side.project(journal)
    found += [name async for rows in parts for name in ids(rows)]
    assert found[:2] == ["acc-0", "acc-1"]
    assert sorted(found) == [*(f"acc-{number}" for number in range(6)), "rich"]


async def test_balance_below_needs_a_currency(read_side: ReadSide) -> None:
    with pytest.raises(ValueError, match=messages.BALANCE_WITHOUT_CURRENCY):
        await accounts(read_side.redis, Wanted(balance_below=5))


@pytest.mark.parametrize("after", ["x", "1:2:x", "--"])
async def test_a_cursor_that_does_not_come_from_a_page_is_refused(
    journal: Journal, read_side: ReadSide, after: str
) -> None:
    read_side.project(journal)
    with pytest.raises(ValueError, match=re.escape(messages.unknown_cursor(after))):
        await accounts(read_side.redis, after=after)


async def test_a_search_finds_text_in_ids_whatever_its_case_and_currency_filters(
    journal: Journal, read_side: ReadSide
) -> None:
    for name, currency in (("Anna", "CZK"), ("hanna", "EUR"), ("eva", "CZK"), ("susanna", "EUR")):
        journal.book(name, 1, currency)
    read_side.project(journal)
    assert ids((await accounts(read_side.redis, Wanted(q="aNN"))).accounts) == ["susanna", "hanna", "Anna"]
    euro = Wanted(q="ann", currency="EUR")
    assert ids((await accounts(read_side.redis, euro, limit=1)).accounts) == ["susanna"]
    found = await pages(read_side.redis, 1, q="ann", currency="EUR")
    assert [ids(page) for page in found] == [["susanna"], ["hanna"]]


async def test_accounts_of_found_holders_are_listed_among_those_that_match_by_id_and_each_once(
    journal: Journal, read_side: ReadSide
) -> None:
    """Unless somebody else holds the account: a person may have one that could not be opened."""
    holders = {"x-1": "u-1", "ann-2": "u-1", "x-3": "u-2", "x-4": "u-1", "ann-5": None}
    for name, holder in holders.items():
        journal.open(name, "CZK", holder)
    read_side.project(journal)
    held = {"x-1": "u-1", "ann-2": "u-1", "x-3": "u-1", "x-4": "u-1", "unopened": "u-1"}
    for limit in (1, 2, 3, 10):
        found = await pages(read_side.redis, limit, q="ann", held=held)
        assert [name for page in found for name in ids(page)] == ["ann-5", "x-4", "ann-2", "x-1"]
        assert {len(page) for page in found[:-1]} <= {limit}
    low = await pages(read_side.redis, 2, q="ann", held=held, balance_below=1, currency="CZK")
    assert [ids(page) for page in low] == [["ann-2", "ann-5"], ["x-1", "x-4"]]


async def test_history_is_newest_first_and_continues_before_any_position(
    journal: Journal, read_side: ReadSide
) -> None:
    journal.open("anna")
    positions = [journal.book("anna", amount, note=f"no {amount}") for amount in range(1, 21)]
    journal.book("other", 1)
    read_side.project(journal)
    newest = await history(read_side.redis, "anna", limit=5)
    assert [entry.amount for entry in newest] == [20, 19, 18, 17, 16]
    assert [entry.balance for entry in newest] == [210, 190, 171, 153, 136]
    assert (newest[0].type, newest[0].value_date, newest[0].note) == ("MoneyDeposited", DAY, "no 20")
    for index, at in enumerate(positions):
        older = await history(read_side.redis, "anna", before=at, limit=100)
        assert [entry.position for entry in older] == positions[:index][::-1]
        between = await history(read_side.redis, "anna", before=at + 1, limit=1)
        assert [entry.position for entry in between] == [at]
    assert await history(read_side.redis, "anna", before=1) == ()
    assert await history(read_side.redis, "nobody") == ()


async def test_the_feed_is_the_newest_events_of_all_accounts(journal: Journal, read_side: ReadSide) -> None:
    traffic(journal, 1_200, accounts=3)
    read_side.project(journal)
    newest = await feed(read_side.redis, limit=3)
    assert [item.position for item in newest] == [event.position for event in journal.all[-1:-4:-1]]
    older = await feed(read_side.redis, before=newest[-1].position, limit=2)
    assert [item.position for item in older] == [event.position for event in journal.all[-4:-6:-1]]
    assert await feed(read_side.redis, before=journal.all[-1_000].position) == ()


async def test_totals_are_exact_beyond_64_bits(journal: Journal, read_side: ReadSide) -> None:
    for number in range(1_100):
        journal.book(f"rich-{number}", LIMIT - 1)
    journal.book("poor", -5, "EUR")
    read_side.project(journal)
    found = await totals(read_side.redis)
    assert found.balances == {"CZK": 1_100 * (LIMIT - 1), "EUR": -5}
    assert found.balances["CZK"] > 2**63
    assert (found.accounts, found.events) == (1_101, 2_202)


async def test_a_search_that_takes_too_long_returns_what_it_found_and_a_cursor(
    journal: Journal, read_side: ReadSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "_CHUNK", 5)
    monkeypatch.setattr(paging, "MOST_LOOKED_AT", 10)
    for number in range(28):
        journal.book(f"acc-{number:02}" if number % 9 else f"other-{number:02}", number + 1)
    read_side.project(journal)
    found = await pages(read_side.redis, 50, q="other")
    assert [ids(page) for page in found] == [["other-27", "other-18"], ["other-09"], ["other-00"]]
    lowest = await pages(read_side.redis, 50, q="other", balance_below=100, currency="CZK")
    assert [ids(page) for page in lowest] == [["other-00", "other-09"], ["other-18"], ["other-27"]]


async def test_changed_rows_come_whole_and_those_that_changed_last_come_last(
    journal: Journal, read_side: ReadSide
) -> None:
    journal.open("anna", user_id="u-1")
    journal.book("eva", 5)
    journal.book("anna", 7)
    read_side.project(journal)
    published = [
        (write.field, msgspec.msgpack.encode(write.value))
        for fact in Streams().read(journal.all).facts[::-1]
        if isinstance(fact, Fact)
        for write in balances.project(fact)
        if isinstance(write, HashSet) and write.key == "rows"
    ]
    rows = await balances.changed(read_side.redis, published[:1] + published[2:3])
    assert [(row.account_id, row.balance, row.holder) for row in rows] == [
        ("eva", 0, None),
        ("anna", 7, "u-1"),
    ]
    assert await balances.changed(read_side.redis, ()) == ()


async def test_before_there_are_read_models_they_are_being_rebuilt(read_side: ReadSide) -> None:
    for asked in (account(read_side.redis, "anna"), totals(read_side.redis), feed(read_side.redis)):
        with pytest.raises(ReadModelMissing):
            await asked


async def test_an_entry_is_found_by_its_id_on_any_page(journal: Journal, read_side: ReadSide) -> None:
    journal.open("anna")
    journal.open("ben")
    others = journal.book("ben", 1)
    oldest, *_, newest = [journal.book("anna", 1) for _ in range(LONGEST_PAGE + 2)]
    read_side.project(journal)
    found = await history(read_side.redis, "anna", before=oldest + 1)
    (newer, *_) = await history(read_side.redis, "anna", limit=1)
    (bens,) = await history(read_side.redis, "ben", before=others + 1)
    assert (newer.position, [each.position for each in found]) == (newest, [oldest])
    assert await entry(read_side.redis, "anna", found[0].entry_id) == found[0]
    assert await entry(read_side.redis, "anna", newer.entry_id) == newer
    assert await entry(read_side.redis, "anna", newer.entry_id, before=newest) is None
    assert await entry(read_side.redis, "anna", bens.entry_id) is None
    assert await entry(read_side.redis, "nobody", bens.entry_id) is None
