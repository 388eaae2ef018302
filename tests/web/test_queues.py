"""What waits for a page is bounded."""

from datetime import date
from uuid import uuid4

from projections.models import AccountRow, Changes, FeedItem, HistoryEntry
from web.batch import MANY, Batch
from web.waiting import QUEUE_LENGTH, Client


async def test_a_page_that_is_too_slow_is_read_anew_instead_of_piling_up() -> None:
    client = Client(frozenset({"feed"}))
    for number in range(QUEUE_LENGTH + 5):
        client.put(b"data: %d\n\n" % number)
    assert client.behind
    assert client.take() == b""
    client.put(b"data: lost on it\n\n")
    client.catch_up(b"event: resync\n\n")
    client.put(b"data: next\n\n")
    assert client.take() == b"event: resync\n\ndata: next\n\n"


async def test_a_heartbeat_moves_the_position_only_of_a_page_that_was_told_everything() -> None:
    client = Client(frozenset({"feed"}))
    client.beat(b"event: beat\n", 7)
    assert client.take() == b"id: 7\nevent: beat\n\n"
    client.behind = True
    client.beat(b"event: beat\n", 8)
    assert client.take() == b"event: beat\n\n"


async def test_heartbeats_do_not_pile_up_either() -> None:
    client = Client(frozenset())
    for _ in range(10 * QUEUE_LENGTH):
        client.beat(b"x", 1)
    assert client.take().count(b"id: 1") == QUEUE_LENGTH


def test_a_batch_keeps_the_newest_values_and_the_fact_that_there_were_many() -> None:
    batch = Batch()
    for position in range(1, 5_000):
        batch.add(changes(position))
    assert batch.position == 4_999
    assert batch.has_many_accounts
    assert batch.has_many_items
    assert len(batch.accounts) <= 50 * MANY
    assert len(batch.history) <= 50 * MANY
    assert batch.history_cut


def changes(position: int) -> Changes:
    name = f"a{position}"
    row = AccountRow(
        account_id=name, currency="CZK", user_id=None, state="open", balance=1, last_amount=1,
        revision=1, position=position, changed=position,
    )  # fmt: skip
    entry = HistoryEntry(
        account_id=name, entry_id=uuid4(), type="MoneyDeposited", amount=1, currency="CZK", balance=1,
        value_date=date(2026, 1, 1), note="", actor="t", revision=1, position=position, booked=position,
    )  # fmt: skip
    item = FeedItem(
        event_id=str(uuid4()), type="MoneyDeposited", stream=f"account-{name}", account_id=name, amount=1,
        currency="CZK", note="", actor="t", revision=1, position=position, booked=position,
    )  # fmt: skip
    return Changes(position=position, resync=False, accounts=(row,), history=(entry,), feed=(item,))
