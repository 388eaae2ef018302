"""The writes of each projection for an event. Projections are pure, so these tests need only events."""

import re
from typing import Any, TypeGuard, get_args

import msgspec
import pytest

from domain import messages as domain_messages
from domain.accounts import ACCOUNTS, AccountEvent, HoldPlaced
from domain.money import LIMIT
from eventstore import messages as log_messages
from eventstore.codec import Fact, UnreadableEvent, decode
from projections import messages
from projections.engine.facts import Streams
from projections.engine.writes import Folded, HashIncrement, HashSet, ListAppend, SortedSetScore, Write
from projections.readmodels import NAMES, READ_MODELS, balances, feed, history, named, trace
from projections.readmodels.balances import HIGH, Row
from tests.kit.journal import DAY, Journal, every_kind_of_event
from tests.kit.memory_redis import ReadSide
from tests.kit.messages import pattern_of


def last(journal: Journal) -> Fact[Any]:
    fact = Streams().read(journal.all).facts[-1]
    assert isinstance(fact, Fact)
    return fact


def test_an_opened_account_has_a_row_with_a_zero_balance_its_holder_and_a_place(journal: Journal) -> None:
    position = journal.open("anna", "EUR", "u-1")
    fact = last(journal)
    row = Row(position, 0, fact.recorded.created, "EUR", 0, None, 0, 0, "open", "u-1")
    assert set(balances.project(fact)) == {
        HashSet("rows", "anna", row),
        SortedSetScore("by_change", "anna", position),
        SortedSetScore("by_balance:EUR", "anna", 0),
        HashIncrement("totals", "accounts", 1),
        HashIncrement("totals", "events", 1),
    }


def test_an_entry_writes_the_whole_row_with_the_balance_that_it_states(journal: Journal) -> None:
    journal.book("anna", 500)
    position = journal.book("anna", -120)
    fact = last(journal)
    row = Row(position, 2, fact.recorded.created, "CZK", 380, -120, 0, 0, "open", None)
    writes = balances.project(fact)
    assert HashSet("rows", "anna", row) in writes
    assert HashIncrement("totals", "balance:CZK", -120) in writes


@pytest.mark.parametrize("amount", [HIGH, -HIGH, LIMIT - 1, 1 - LIMIT])
def test_a_large_amount_is_counted_in_two_parts_that_come_to_it(journal: Journal, amount: int) -> None:
    journal.book("anna", amount)
    parts = {
        write.field: write.by for write in balances.project(last(journal)) if isinstance(write, HashIncrement)
    }
    assert parts["balance:CZK"] + HIGH * parts["balance:CZK:high"] == amount
    assert abs(parts["balance:CZK"]) < HIGH


def test_the_history_holds_only_entries(journal: Journal) -> None:
    journal.open("anna")
    assert history.project(last(journal)) == ()
    journal.book("anna", -7, note="rent")
    (write,) = history.project(last(journal))
    assert isinstance(write, ListAppend)
    assert write.key == "entries:anna"
    entry = write.value
    assert isinstance(entry, history.Entry)
    assert (entry.amount, entry.balance, entry.note, entry.actor) == (-7, -7, "rent", "teller")
    assert (entry.type, entry.value_date) == ("MoneyWithdrawn", DAY)
    assert entry.entry_id == last(journal).event.entry_id


def test_the_index_has_each_event_under_its_request_by_position(journal: Journal) -> None:
    position = journal.open("anna")
    (write,) = trace.project(last(journal))
    key, digest = trace.place_of(last(journal).correlation_id)
    assert write == SortedSetScore(key, f"{digest}{position:012x}", 0)
    assert trace.position_of(write.member.encode()) == position
    assert int(key.removeprefix("of:"), 16) < 2**14
    foreign = msgspec.structs.replace(last(journal), correlation_id="")
    assert trace.project(foreign) == ()


def test_the_feed_holds_every_event_up_to_its_length(journal: Journal) -> None:
    journal.open("anna")
    (write,) = feed.project(last(journal))
    assert isinstance(write, ListAppend)
    assert (write.key, write.cap) == ("items", feed.LENGTH)
    assert isinstance(write.value, feed.Item)
    assert write.value.amount is None


def test_an_entry_of_the_feed_has_the_amount_with_its_sign_and_who_booked_it(journal: Journal) -> None:
    journal.book("anna", -7, note="rent")
    fact = last(journal)
    (write,) = feed.project(fact)
    item = write.value if isinstance(write, ListAppend) else None
    assert isinstance(item, feed.Item)
    assert (item.type, item.event_id) == ("MoneyWithdrawn", fact.recorded.event_id)
    assert (item.amount, item.currency, item.note, item.actor) == (-7, "CZK", "rent", "teller")


def test_live_pages_get_the_stored_values(journal: Journal) -> None:
    journal.book("anna", 7)
    (entry,), (item,) = history.project(last(journal)), feed.project(last(journal))
    assert isinstance(entry, ListAppend)
    assert isinstance(item, ListAppend)
    assert history.changed([("anna", msgspec.msgpack.encode(entry.value))]) == (("anna", entry.value),)
    assert feed.changed([("", msgspec.msgpack.encode(item.value))]) == (item.value,)


def test_a_read_model_is_found_by_its_name() -> None:
    assert [named(model.name) for model in READ_MODELS] == list(READ_MODELS)
    message = messages.unknown_read_model("ledger", NAMES)
    with pytest.raises(KeyError, match=re.escape(message)):
        named("ledger")


def test_projecting_an_event_twice_gives_the_same_writes(journal: Journal) -> None:
    journal.book("anna", 1)
    for model in (each for each in READ_MODELS if ACCOUNTS.category in each.categories):
        assert model.project(last(journal)) == model.project(last(journal))


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
        ("account-anna", "Unheard", b"{}", pattern_of(log_messages.unknown_type)),
        ("account-anna", "MoneyDeposited", b"{", pattern_of(log_messages.unreadable)),
        (
            "account-anna",
            "AccountCreated",
            b'{"account_id":"eva","currency":"CZK","opened_by":"00000000-0000-0000-0000-000000000001"}',
            pattern_of(log_messages.in_wrong_stream, aggregate_id="eva"),
        ),
        (
            "account-anna",
            "AccountCreated",
            b'{"account_id":"anna","currency":"Kcs","opened_by":"00000000-0000-0000-0000-000000000001"}',
            re.escape(domain_messages.unknown_currency("Kcs")),
        ),
        (
            "account-anna",
            "MoneyDeposited",
            b'{"account_id":"anna","entry_id":"00000000-0000-0000-0000-000000000001","amount":1,'
            b'"currency":"CZK","balance":9007199254740992,"value_date":"2024-02-29"}',
            re.escape(domain_messages.OUT_OF_RANGE),
        ),
    ],
)
def test_an_event_that_no_read_model_could_hold_is_unreadable_and_says_why(
    journal: Journal, stream: str, type_: str, data: bytes, why: str
) -> None:
    journal.scribble(stream, type_, data)
    with pytest.raises(UnreadableEvent, match=why):
        decode(journal.all[-1])


def test_the_row_shows_what_is_held_the_limit_and_the_state(journal: Journal) -> None:
    journal.open("anna", user_id="u-1")
    every_kind_of_event(journal, "anna")
    facts = [fact for fact in Streams().read(journal.all).facts if isinstance(fact, Fact)]
    assert {type(fact.event) for fact in facts} == set(get_args(AccountEvent))
    rows = {write.field: write.value for fact in facts for write in balances.project(fact) if is_row(write)}
    anna, closed = rows["anna"], rows["anna-closed"]
    assert isinstance(anna, Row)
    assert isinstance(closed, Row)
    assert (anna.balance, anna.held, anna.overdraft) == (108_00, 1_00, 50_00)
    assert (anna.state, anna.holder, anna.last_amount) == ("frozen", "u-1", None)
    assert (closed.state, closed.balance) == ("closed", 0)


def is_row(write: Write) -> TypeGuard[HashSet]:
    return isinstance(write, HashSet) and write.key == "rows"


def test_the_history_links_a_reversal_to_its_entry_and_a_capture_to_its_hold(journal: Journal) -> None:
    journal.open("anna")
    every_kind_of_event(journal, "anna", reference="INV-7")
    facts = [fact for fact in Streams().read(journal.all).facts if isinstance(fact, Fact)]
    writes = [write for fact in facts for write in history.project(fact)]
    entries = [
        write.value
        for write in writes
        if isinstance(write, ListAppend) and write.key != "entries:anna-closed"
    ]
    paid_in, place, undone, _, reversal, _, capture, received, sent, back = entries
    for entry, kind in ((received, "MoneyReceived"), (sent, "MoneySent"), (back, "MoneyReturned")):
        assert isinstance(entry, history.Entry)
        assert (entry.type, entry.other, entry.reverses, entry.hold_id) == (kind, "anna-closed", None, None)
    assert isinstance(sent, history.Entry)
    assert isinstance(back, history.Entry)
    assert sent.transfer_id == back.transfer_id
    assert isinstance(paid_in, history.Entry)
    assert isinstance(undone, history.Entry)
    assert isinstance(reversal, history.Entry)
    assert isinstance(capture, history.Entry)
    assert place == history.Place(paid_in.position, "anna")
    assert (reversal.reverses, reversal.amount, reversal.hold_id) == (undone.entry_id, -undone.amount, None)
    assert (capture.type, capture.reverses) == ("HoldCaptured", None)
    assert capture.hold_id in {fact.event.hold_id for fact in facts if isinstance(fact.event, HoldPlaced)}
    assert (
        HashSet("reversals", undone.entry_id.hex, history.Reversal(reversal.position, reversal.id)) in writes
    )


def test_the_feed_shows_the_amount_of_a_hold_and_a_limit(journal: Journal) -> None:
    journal.open("anna")
    every_kind_of_event(journal, "anna")
    facts = [fact for fact in Streams().read(journal.all).facts if isinstance(fact, Fact)]
    items = [write.value for fact in facts for write in feed.project(fact) if isinstance(write, ListAppend)]
    shown = {item.type: (item.amount, item.figure) for item in items if isinstance(item, feed.Item)}
    assert shown["OverdraftLimitChanged"] == (None, 50_00)
    assert shown["HoldExpired"] == (None, 2_00)
    assert shown["HoldCaptured"] == (-1_00, None)
    assert shown["AccountClosed"] == (None, None)


async def test_reversals_and_references_are_found(journal: Journal, read_side: ReadSide) -> None:
    journal.open("anna")
    every_kind_of_event(journal, "anna", reference="INV-7: a b")
    read_side.project(journal)
    *_, capture, _, reversal, undone, paid_in = await history.entries(read_side.redis, "anna")
    assert reversal.reverses
    assert await history.reversals(read_side.redis, [each.entry_id for each in (undone, paid_in)]) == {
        reversal.reverses: history.Reversal(reversal.position, reversal.id)
    }
    assert await history.reversals(read_side.redis, []) == {}
    named = await history.with_reference(read_side.redis, "INV-7: a b")
    assert named == tuple(("anna", entry) for entry in (undone, paid_in))
    assert await history.with_reference(read_side.redis, "INV-7") == ()
    assert capture.reference == ""
