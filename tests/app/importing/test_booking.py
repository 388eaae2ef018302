"""Statements against a log: what is booked once, what is held back, what is refused, and the figures of the report."""

import asyncio
import json
import os
import random
import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest

from app.importing import berka, plain
from app.importing.booking import Wishes, book
from app.importing.reading import EVENTS_FOR_A_STREAM
from app.importing.report import Ledger, Report, as_json
from app.importing.statement import Line, Lines, Statement
from app.importing.table import Malformed
from app.messages import importing as messages
from commands.accounts import Accounts
from domain.accounts import (
    ACCOUNTS,
    AccountCommand,
    AccountCreated,
    CloseAccount,
    FreezeAccount,
    Open,
    RecordEntry,
    moved,
)
from domain.identifiers import AccountId
from domain.messages import account_is_closed
from domain.money import format_amount
from eventstore.codec import decode_metadata
from eventstore.esdb import EsdbLog, EsdbStore
from eventstore.store import EventStore
from tests.kit.accounts import create, deposit, events_of
from tests.kit.contexts import context_of
from tests.kit.logs import Both
from tests.kit.node import Node

pytestmark = pytest.mark.asyncio(loop_scope="session")

_DATA = Path(__file__).parent / "data"
_BERKA = Path(os.environ.get("DAYBOOK_BERKA", Path(__file__).parents[4] / "shared" / "data" / "berka"))
_TODAY = date(2026, 11, 26)
_JANUARY = date(2026, 1, 1)

BOOK = Wishes()
CHECK = Wishes(check=True)
SIMILAR_TOO = Wishes(book_similar=True)
ALL_NEW = Wishes(all_new=True)


async def booked(both: Both, statement: Statement, wishes: Wishes = BOOK) -> Report:
    return await book(both.store, both.log, statement, wishes, lambda *_: None)


def statement(lines: Sequence[Line], *, currency: str = "CZK", digest: str = "") -> Statement:
    return Statement(
        name="statement.csv",
        format="csv",
        digest=digest or uuid4().hex,
        currency=currency,
        lines=Lines(lines),
    )


def invented(count: int, accounts: int) -> Statement:
    """Of accounts that no other test uses."""
    chance, prefix = random.Random(7), uuid4().hex
    return statement(
        [
            Line(
                number=n + 2,
                account=AccountId(f"{prefix}-{chance.randrange(accounts)}"),
                day=_JANUARY + timedelta(days=n * 28 // count),
                amount=chance.choice([-1, 1]) * chance.randint(1, 10_000),
                note=f"n{n}",
            )
            for n in range(count)
        ]
    )


def part(whole: Statement, lines: slice) -> Statement:
    return msgspec.structs.replace(whole, lines=Lines(whole.lines[lines]))


async def balances(store: EventStore, of: Statement) -> dict[str, int]:
    """The accounts in the log, folded. Folding refuses entries that do not follow from one another."""
    front = Accounts(store)
    states = {account: await front.state(account) for account in {line.account for line in of.lines}}
    return {account: state.standing.balance for account, state in states.items() if isinstance(state, Open)}


def sums(of: Statement) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for line in of.lines:
        found[line.account] += line.amount
    return found


async def once_below_zero(store: EventStore, of: Statement) -> set[str]:
    accounts = {line.account for line in of.lines}
    streams = [await store.read_stream(ACCOUNTS.stream(account), start=1) for account in accounts]
    events = (event for stream in streams for event in events_of(stream))
    return {
        event.account_id for event in events if not isinstance(event, AccountCreated) and event.balance < 0
    }


async def decided(store: EventStore, *commands: AccountCommand) -> None:
    front = Accounts(store)
    for command in commands:
        await front.handle(command, context_of(command))


# Once, whatever happens.


async def test_a_small_bank_is_booked_and_reconciled(own_node: Node) -> None:
    both = Both(EsdbStore(own_node.uri), EsdbLog(own_node.uri), "")
    small = berka.read(_DATA / "small.asc")
    report = await booked(both, small)
    assert (report.transactions, report.booked, report.already_booked, report.accounts) == (9, 9, 0, 3)
    assert (report.exact, report.rounded, report.differing, report.wrong) == (7, 1, 1, 0)
    assert [(each.line, each.bank, each.booked) for each in report.differences] == [(9, "-10.50", "-1.00")]
    again = await booked(both, small)
    assert (again.booked, again.already_booked, again.exact, again.rounded) == (0, 9, 7, 1)
    both.log.close()
    await both.store.close()


async def test_entries_are_in_the_banks_order_and_say_where_they_come_from(both: Both) -> None:
    whole = invented(50, accounts=1)
    await booked(both, whole)
    read = await both.store.read_stream(ACCOUNTS.stream(whole.lines[0].account), start=1)
    metadata = [decode_metadata(recorded) for recorded in read]
    amounts = [moved(event) for event in events_of(read)]
    assert amounts == [line.amount for line in whole.lines]
    assert {each.actor for each in metadata} == {"import"}
    assert len({each.correlation_id for each in metadata}) == 1


async def test_an_import_run_again_books_only_what_is_missing(both: Both) -> None:
    whole = invented(600, accounts=20)
    first = await booked(both, part(whole, slice(250)))
    assert (first.booked, first.wrong) == (250, 0)
    second = await booked(both, whole)
    assert (second.booked, second.already_booked, second.unchecked) == (350, 250, 600)
    assert [each.line for each in second.recognised] == [line.number for line in whole.lines[:250]]
    assert await balances(both.store, whole) == sums(whole)


async def test_an_import_that_is_cancelled_anywhere_and_run_again_ends_in_the_same_state(both: Both) -> None:
    whole = invented(2_000, accounts=30)
    cancelled = 0
    for milliseconds in (1, 5, 20, 40):
        run = asyncio.create_task(booked(both, whole))
        await asyncio.sleep(milliseconds / 1000)
        cancelled += run.cancel()
        await asyncio.gather(run, return_exceptions=True)
    assert cancelled
    report = await booked(both, whole)
    assert (report.booked + report.already_booked, report.wrong, report.held_back) == (2_000, 0, 0)
    assert await balances(both.store, whole) == sums(whole)


async def test_two_imports_of_one_file_at_once_book_it_once(both: Both) -> None:
    whole = invented(500, accounts=5)
    reports = await asyncio.gather(*(booked(both, whole) for _ in range(2)))
    assert [report.wrong for report in reports] == [0, 0]
    assert sum(report.booked for report in reports) == 500
    assert await balances(both.store, whole) == sums(whole)


async def test_equal_lines_are_booked_once_each_by_two_imports_at_once(both: Both) -> None:
    account = AccountId(uuid4().hex)
    whole = statement([Line(n, account, _JANUARY, -65_00, "Coffee") for n in range(2, 302)])
    reports = await asyncio.gather(*(booked(both, whole) for _ in range(3)))
    assert sum(report.booked for report in reports) == 300
    assert await balances(both.store, whole) == sums(whole)


async def test_others_may_book_on_the_accounts_during_an_import(both: Both) -> None:
    whole = invented(500, accounts=2)
    account = whole.lines[0].account
    front = Accounts(both.store)

    async def others() -> None:
        for n in range(50):
            command = deposit(n, 1, account=account)
            await front.handle(command, context_of(command))

    report, _ = await asyncio.gather(booked(both, whole), others())
    assert (report.booked, report.wrong) == (500, 0)
    assert (await balances(both.store, whole))[account] == sums(whole)[account] + 50


async def test_a_node_that_is_killed_and_comes_back_does_not_end_the_import(own_node: Node) -> None:
    both = Both(EsdbStore(own_node.uri, deadline=2.0), EsdbLog(own_node.uri), "")
    whole = invented(6_000, accounts=50)
    run = asyncio.create_task(booked(both, whole))
    for pause in (0.3, 0.3):
        await asyncio.sleep(pause)
        own_node.kill()
        await asyncio.to_thread(own_node.start)
    report = await run
    assert (report.booked + report.already_booked, report.wrong) == (6_000, 0)
    assert await balances(both.store, whole) == sums(whole)
    both.log.close()
    await both.store.close()


async def test_accounts_are_found_whether_the_log_is_read_once_or_stream_by_stream(both: Both) -> None:
    """A statement of few accounts meets a log with many events of others."""
    many, few = invented(3 * EVENTS_FOR_A_STREAM, accounts=1), invented(20, accounts=2)
    await booked(both, many)
    await booked(both, part(few, slice(10)))
    again = await booked(both, few)
    assert (again.booked, again.already_booked) == (10, 10)


async def test_a_plain_file_is_booked_once(both: Both, tmp_path: Path) -> None:
    prefix = uuid4().hex
    file = tmp_path / "plain.csv"
    header, *lines = (_DATA / "small.csv").read_text().splitlines()
    file.write_text("\n".join([header, *(f"{prefix}{line}" for line in lines)]))
    for count in (5, 0):
        report = await booked(both, plain.read(file, "EUR", today=_TODAY))
        assert (report.booked, report.already_booked, report.unchecked) == (count, 5 - count, 5)


@pytest.mark.skipif(not _BERKA.exists(), reason=f"the bank's real data is not at {_BERKA}")
@pytest.mark.timeout(120)
async def test_the_real_bank_reconciles_to_its_figures(own_node: Node) -> None:
    both = Both(EsdbStore(own_node.uri), EsdbLog(own_node.uri), "")
    whole = berka.read(_BERKA / "transactions.csv.xz")
    for count in (49_102, 0):
        report = await booked(both, whole)
        assert (report.transactions, report.accounts) == (49_102, 1_229)
        assert (report.booked, report.already_booked) == (count, 49_102 - count)
        assert (report.exact, report.rounded, report.differing, report.wrong) == (46_749, 2_325, 28, 0)
        assert (report.opening, report.missing, report.held) == ("0.00", [], [])
    assert len(await once_below_zero(both.store, whole)) == 26
    both.log.close()
    await both.store.close()


async def test_the_report_says_what_the_log_holds_on_the_accounts_of_the_file(both: Both) -> None:
    whole = invented(30, accounts=2)
    account, amount = whole.lines[0].account, sum(line.amount for line in whole.lines)
    await decided(both.store, deposit(1, 100, account=account))
    checked = await booked(both, whole, CHECK)
    assert checked.ledger == Ledger(entries=1, sum="1.00")
    for _ in range(2):
        report = await booked(both, whole)
        assert report.ledger == Ledger(entries=31, sum=format_amount(amount + 100, "CZK"))


async def test_the_report_as_json_has_each_item_of_each_list(both: Both) -> None:
    account = uuid4().hex
    await booked(both, coffee(account, "PENDING Coffee", "Tea"))
    report = await booked(both, coffee(account, "Coffee Praha 1", "tea"))
    printed = json.loads(b"".join(as_json(report)))
    assert printed["held"] == [msgspec.to_builtins(each) for each in report.held]
    assert printed["held"][0]["resembles"] == printed["missing"][0]
    assert printed["recognised"] == [msgspec.to_builtins(each) for each in report.recognised]
    assert (printed["conflicts"], printed["held_back"], "to_book" in printed) == ([], 1, False)
    assert [*printed] == [name for name in Report.__struct_fields__ if name != "to_book"]


# What a bank changes.


def coffee(account: str, *notes: str, day: date = _JANUARY) -> Statement:
    lines = [Line(n, AccountId(account), day, -65_00, note) for n, note in enumerate(notes, 2)]
    return statement(lines)


async def test_a_line_that_resembles_an_entry_is_held_back_until_somebody_wants_it(both: Both) -> None:
    account = uuid4().hex
    await booked(both, coffee(account, "PENDING Coffee"))
    changed = coffee(account, "Coffee Praha 1")
    for wishes in (BOOK, CHECK):
        report = await booked(both, changed, wishes)
        assert (report.booked, report.held_back, report.is_fine) == (0, 1, False)
        (held,) = report.held
        assert (held.line, held.note, held.resembles.note) == (2, "Coffee Praha 1", "PENDING Coffee")
        assert [each.note for each in report.missing] == ["PENDING Coffee"]
    report = await booked(both, changed, SIMILAR_TOO)
    assert (report.booked, report.held_back, report.is_fine) == (1, 0, True)
    again = await booked(both, changed)
    assert (again.booked, again.already_booked, again.held_back) == (0, 1, 0)


async def test_a_check_says_what_would_be_booked_and_books_nothing(both: Both) -> None:
    whole = invented(30, accounts=3)
    report = await booked(both, whole, CHECK)
    assert (report.booked, report.to_book, report.is_fine) == (0, 30, True)
    assert await balances(both.store, whole) == {}


async def test_all_new_books_a_file_once_more_and_only_once(both: Both) -> None:
    whole = invented(40, accounts=3)
    await booked(both, whole)
    for count in (40, 0):
        report = await booked(both, whole, ALL_NEW)
        assert (report.booked, report.already_booked) == (count, 40 - count)
    doubled = {account: 2 * amount for account, amount in sums(whole).items()}
    assert await balances(both.store, whole) == doubled


async def test_a_known_id_with_another_amount_is_a_conflict_and_not_booked(both: Both) -> None:
    account = AccountId(uuid4().hex)
    first = statement([Line(2, account, _JANUARY, 100_00, "x", key="900201", balance=100_00)])
    await booked(both, first)
    other = statement([msgspec.structs.replace(first.lines[0], amount=100_10, balance=100_10)])
    report = await booked(both, other)
    assert (report.booked, report.wrong, report.is_fine) == (0, 1, False)
    (conflict,) = report.conflicts
    assert (conflict.line, conflict.id, conflict.amount, conflict.booked) == (2, "900201", "100.10", "100.00")


async def test_the_next_month_is_compared_from_where_the_last_one_ended(both: Both) -> None:
    account = AccountId(uuid4().hex)
    months = [
        statement([Line(2, account, _JANUARY, 1_000, "a", "1" + account[:6], 1_000)]),
        statement([Line(2, account, date(2026, 2, 5), 50, "b", "2" + account[:6], 1_050)]),
        statement([Line(2, account, date(2026, 3, 5), 50, "c", "3" + account[:6], 1_200)]),
    ]
    reports = [await booked(both, each) for each in months]
    assert [(each.exact, each.differing, each.opening) for each in reports] == [
        (1, 0, "0.00"),
        (1, 0, "0.00"),
        (1, 0, "1.00"),
    ]
    assert [(each.bank, each.log) for each in reports[2].openings] == [("11.50", "10.50")]
    again = [await booked(both, each) for each in months]
    assert [each.opening for each in again] == ["0.00", "0.00", "1.00"]


# What an account refuses.


async def test_another_currency_refuses_the_file_before_anything_is_booked(both: Both) -> None:
    whole = invented(20, accounts=2)
    account = whole.lines[0].account
    await decided(both.store, deposit(1, 1, currency="EUR", account=account))
    reason = messages.other_currency(account, own="EUR", currency="CZK")
    with pytest.raises(Malformed, match=re.escape(messages.fault(messages.line(2), reason))):
        await booked(both, whole)
    assert await balances(both.store, whole) == {account: 1}


async def test_a_day_that_cannot_be_booked_refuses_the_file_unless_the_log_has_the_line(both: Both) -> None:
    whole = invented(4, accounts=1)
    far = date(9999, 12, 31)
    moved_far = [*whole.lines[:3], msgspec.structs.replace(whole.lines[3], day=far)]
    refused = msgspec.structs.replace(whole, lines=Lines(moved_far), far={whole.lines[3].number})
    reason = messages.day_out_of_range("9999-12-31", "1900-01-01")
    fault = messages.fault(messages.named_column(whole.lines[3].number, "date"), reason)
    for wishes in (BOOK, CHECK, ALL_NEW):
        with pytest.raises(Malformed, match=re.escape(messages.malformed(whole.name, [fault], 0))):
            await booked(both, refused, wishes)
    assert await balances(both.store, whole) == {}
    await booked(both, msgspec.structs.replace(refused, far=()))
    report = await booked(both, refused)
    assert (report.booked, report.already_booked, report.is_fine) == (0, 4, True)


@pytest.mark.parametrize("lines", [1, 3, 700])
async def test_lines_on_a_closed_account_are_listed_and_the_others_are_booked(both: Both, lines: int) -> None:
    whole = invented(lines + 40, accounts=3)
    closed = whole.lines[0].account
    expected = [line for line in whole.lines if line.account == closed]
    await decided(both.store, create(1, account=closed), CloseAccount(account_id=closed, command_id=uuid4()))
    report = await booked(both, whole)
    assert [(each.line, each.account, each.amount) for each in report.refused] == [
        (line.number, closed, format_amount(line.amount, "CZK")) for line in expected
    ]
    assert {each.reason for each in report.refused} == {account_is_closed(closed)}
    assert (report.booked, report.already_booked) == (len(whole.lines) - len(expected), 0)
    assert (report.unchecked, report.differing, report.wrong) == (report.booked, 0, 0)
    again = await booked(both, whole)
    assert (again.booked, again.already_booked) == (0, report.booked)
    assert again.refused == report.refused


async def test_lines_that_were_booked_before_the_account_was_closed_stay_booked(both: Both) -> None:
    whole = invented(2, accounts=1)
    first, last = whole.lines
    await booked(both, part(whole, slice(1)))
    undoing = RecordEntry(
        account_id=first.account,
        command_id=uuid4(),
        amount=-first.amount,
        currency="CZK",
        booked_on=first.day,
    )
    await decided(both.store, undoing, CloseAccount(account_id=first.account, command_id=uuid4()))
    report = await booked(both, whole)
    assert (report.booked, report.already_booked, len(report.refused)) == (0, 1, 1)
    assert report.refused[0].line == last.number


async def test_a_frozen_account_takes_lines_of_a_statement(both: Both) -> None:
    whole = invented(20, accounts=1)
    account = whole.lines[0].account
    await decided(
        both.store, create(1, account=account), FreezeAccount(account_id=account, command_id=uuid4())
    )
    report = await booked(both, whole)
    assert (report.booked, report.wrong, report.refused) == (20, 0, [])


async def test_progress_is_reported_from_the_beginning_to_the_end(both: Both) -> None:
    reported: dict[str, list[tuple[int, int]]] = defaultdict(list)
    whole = invented(300, accounts=7)
    await book(both.store, both.log, whole, BOOK, lambda doing, done, of: reported[doing].append((done, of)))
    assert list(reported) == ["looking-up", "booking"]
    assert [steps[-1] for steps in reported.values()] == [(7, 7), (300, 300)]


async def test_an_empty_file_books_nothing(both: Both) -> None:
    report = await booked(both, statement([]))
    assert (report.transactions, report.booked, report.accounts, report.wrong) == (0, 0, 0, 0)
