"""What each projection makes of an event: pure, so these tests need nothing but events."""

import pytest

from domain.money import LIMIT
from projections import balances, feed, history
from projections.catalog import PROJECTIONS
from projections.facts import Fact, Unreadable, read
from projections.stored import HIGH, Row
from projections.writes import Folded, HashIncrement, HashSet, ListAppend, SortedSetScore
from tests.kit.ledger import DAY, Ledger


def last(ledger: Ledger) -> Fact:
    fact = read(ledger.all[-1])
    assert isinstance(fact, Fact)
    return fact


def test_an_opened_account_has_a_row_with_a_zero_balance_an_owner_and_a_place(ledger: Ledger) -> None:
    position = ledger.open("anna", "EUR", "u-1")
    fact = last(ledger)
    row = Row(position, 0, fact.recorded.created, "EUR", 0, None)
    assert set(balances.project(fact)) == {
        HashSet("rows", "anna", row),
        HashSet("owners", "anna", "u-1"),
        SortedSetScore("by_change", "anna", position),
        SortedSetScore("by_balance:EUR", "anna", 0),
        HashIncrement("totals", "accounts", 1),
        HashIncrement("totals", "events", 1),
    }


def test_an_entry_writes_the_whole_row_with_the_balance_that_it_states(ledger: Ledger) -> None:
    ledger.book("anna", 500)
    position = ledger.book("anna", -120)
    fact = last(ledger)
    row = Row(position, 2, fact.recorded.created, "CZK", 380, -120)
    writes = balances.project(fact)
    assert HashSet("rows", "anna", row) in writes
    assert HashIncrement("totals", "held:CZK", -120) in writes


@pytest.mark.parametrize("amount", [HIGH, -HIGH, LIMIT - 1, 1 - LIMIT])
def test_a_large_amount_is_counted_in_two_parts_that_come_to_it(ledger: Ledger, amount: int) -> None:
    ledger.book("anna", amount)
    parts = {
        write.field: write.by for write in balances.project(last(ledger)) if isinstance(write, HashIncrement)
    }
    assert parts["held:CZK"] + HIGH * parts["held:CZK:high"] == amount
    assert abs(parts["held:CZK"]) < HIGH


def test_the_history_holds_entries_alone(ledger: Ledger) -> None:
    ledger.open("anna")
    assert history.project(last(ledger)) == ()
    ledger.book("anna", -7, note="rent")
    (write,) = history.project(last(ledger))
    assert isinstance(write, ListAppend)
    assert write.key == "entries:anna"
    entry = write.value
    assert (entry.amount, entry.balance, entry.note, entry.actor) == (-7, -7, "rent", "teller")  # type: ignore[union-attr]
    assert entry.value_date == DAY.toordinal()  # type: ignore[union-attr]


def test_the_feed_holds_every_event_up_to_its_length(ledger: Ledger) -> None:
    ledger.open("anna")
    (write,) = feed.project(last(ledger))
    assert isinstance(write, ListAppend)
    assert (write.key, write.cap) == ("items", feed.LENGTH)
    assert write.value.amount is None  # type: ignore[union-attr]


def test_projecting_an_event_twice_gives_the_same_writes(ledger: Ledger) -> None:
    ledger.book("anna", 1)
    for projection in PROJECTIONS:
        assert projection.project(last(ledger)) == projection.project(last(ledger))


def test_many_writes_fold_to_the_last_value_the_sum_and_all_appends() -> None:
    folded = Folded()
    folded.add((HashSet("h", "a", "1"), HashSet("h", "a", "2"), HashIncrement("t", "n", 2)))
    folded.add((HashIncrement("t", "n", 3), SortedSetScore("z", "m", 9), SortedSetScore("z", "m", -1)))
    folded.add((ListAppend("l", "x", cap=2), ListAppend("l", "y", cap=2), ListAppend("l", "z", cap=2)))
    assert folded.arguments() == [
        *("HSET", "h", 0, 2, "a", "2"),
        *("HINCRBY", "t", 0, 2, "n", 5),
        *("ZADD", "z", 0, 2, -1, "m"),
        *("RPUSH", "l", 2, 2, "y", "z"),
    ]


@pytest.mark.parametrize(
    ("stream", "type_", "data", "why"),
    [
        ("account-anna", "Unheard", b"{}", "Unheard"),
        ("account-anna", "MoneyDeposited", b"{", "cannot be read"),
        (
            "account-anna",
            "AccountCreated",
            b'{"account_id":"eva","currency":"CZK","opened_by":"00000000-0000-0000-0000-000000000001"}',
            "account eva stands in the stream account-anna",
        ),
        (
            "account-anna",
            "AccountCreated",
            b'{"account_id":"anna","currency":"Kcs","opened_by":"00000000-0000-0000-0000-000000000001"}',
            "currency",
        ),
        (
            "account-anna",
            "MoneyDeposited",
            b'{"account_id":"anna","entry_id":"00000000-0000-0000-0000-000000000001","amount":1,'
            b'"currency":"CZK","balance":9007199254740992,"value_date":"2024-02-29"}',
            "out of range",
        ),
    ],
)
def test_what_no_read_model_could_hold_is_unreadable_and_says_why(
    ledger: Ledger, stream: str, type_: str, data: bytes, why: str
) -> None:
    ledger.scribble(stream, type_, data)
    fact = read(ledger.all[-1])
    assert isinstance(fact, Unreadable)
    assert why in fact.reason
