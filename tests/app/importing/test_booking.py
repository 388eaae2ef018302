import asyncio
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
from app.importing.booking import Report, book
from app.importing.statement import Transaction
from app.messages import importing as messages
from commands.accounts import Accounts
from domain.accounts import (
    ACCOUNTS,
    AccountCommand,
    AccountCreated,
    CloseAccount,
    CurrencyMismatch,
    FreezeAccount,
    Open,
    RecordEntry,
)
from domain.identifiers import AccountId
from domain.messages import account_is_closed, other_currency
from domain.money import format_amount
from eventstore.codec import decode_metadata
from eventstore.esdb import EsdbStore
from eventstore.store import EventStore
from tests.kit.accounts import create, deposit, events_of
from tests.kit.contexts import context_of
from tests.kit.logs import Both
from tests.kit.node import Node

pytestmark = pytest.mark.asyncio(loop_scope="session")

_DATA = Path(__file__).parent / "data"
_BERKA = Path(os.environ.get("DAYBOOK_BERKA", Path(__file__).parents[4] / "shared" / "data" / "berka"))


async def _book(store: EventStore, transactions: Sequence[Transaction]) -> Report:
    return await book(store, transactions, lambda *_: None)


def _invented(count: int, accounts: int) -> list[Transaction]:
    """A statement of accounts that no other test uses."""
    chance, prefix = random.Random(7), uuid4().hex
    return [
        Transaction(
            command=RecordEntry(
                account_id=AccountId(f"{prefix}-{chance.randrange(accounts)}"),
                command_id=uuid4(),
                amount=chance.choice([-1, 1]) * chance.randint(1, 10_000),
                currency="CZK",
                booked_on=date(2026, 1, 1) + timedelta(days=n * 28 // count),
            ),
            line=n + 2,
            reference=f"line {n + 2}",
        )
        for n in range(count)
    ]


async def _balances(store: EventStore, transactions: Sequence[Transaction]) -> dict[str, int]:
    """The accounts in the log, folded. Folding refuses entries that do not follow from one another."""
    front = Accounts(store)
    accounts = {transaction.command.account_id for transaction in transactions}
    states = {account: await front.state(account) for account in accounts}
    return {account: state.standing.balance for account, state in states.items() if isinstance(state, Open)}


async def _once_below_zero(store: EventStore, transactions: Sequence[Transaction]) -> set[str]:
    accounts = {transaction.command.account_id for transaction in transactions}
    streams = [await store.read_stream(ACCOUNTS.stream(account), start=1) for account in accounts]
    events = (event for stream in streams for event in events_of(stream))
    return {
        event.account_id for event in events if not isinstance(event, AccountCreated) and event.balance < 0
    }


def _sums(transactions: Sequence[Transaction]) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for transaction in transactions:
        sums[transaction.command.account_id] += transaction.command.amount
    return sums


async def test_a_small_bank_is_booked_and_reconciled(own_node: Node) -> None:
    store = EsdbStore(own_node.uri)
    report = await _book(store, berka.read(_DATA / "small.asc"))
    assert (report.transactions, report.booked, report.already_booked, report.accounts) == (9, 9, 0, 3)
    assert (report.exact, report.rounded, report.differing, report.wrong) == (7, 1, 1, 0)
    assert [(each.reference, each.bank, each.booked) for each in report.differences] == [
        (messages.transaction("109"), "-10.50", "-1.00")
    ]
    again = await _book(store, berka.read(_DATA / "small.asc"))
    assert (again.booked, again.already_booked, again.exact, again.rounded) == (0, 9, 7, 1)
    await store.close()


async def test_entries_are_in_the_banks_order_and_say_where_they_come_from(both: Both) -> None:
    transactions = _invented(50, accounts=1)
    await _book(both.store, transactions)
    read = await both.store.read_stream(ACCOUNTS.stream(transactions[0].command.account_id), start=1)
    metadata = [decode_metadata(recorded) for recorded in read]
    assert [each.command_id for each in metadata] == [each.command.command_id for each in transactions]
    assert {each.actor for each in metadata} == {"import"}
    assert len({each.correlation_id for each in metadata}) == 1


async def test_an_import_run_again_books_only_what_is_missing(both: Both) -> None:
    transactions = _invented(600, accounts=20)
    first = await _book(both.store, transactions[:250])
    assert (first.booked, first.differing) == (250, 0)
    second = await _book(both.store, transactions)
    assert (second.booked, second.already_booked, second.exact) == (350, 250, 600)
    assert await _balances(both.store, transactions) == _sums(transactions)


async def test_an_import_that_is_cancelled_anywhere_and_run_again_ends_in_the_same_state(both: Both) -> None:
    transactions = _invented(2_000, accounts=30)
    cancelled = 0
    for milliseconds in (1, 5, 20, 40):
        run = asyncio.create_task(_book(both.store, transactions))
        await asyncio.sleep(milliseconds / 1000)
        cancelled += run.cancel()
        await asyncio.gather(run, return_exceptions=True)
    assert cancelled
    report = await _book(both.store, transactions)
    assert (report.exact, report.wrong) == (2_000, 0)
    assert await _balances(both.store, transactions) == _sums(transactions)


async def test_two_imports_of_one_file_at_once_book_it_once(both: Both) -> None:
    transactions = _invented(500, accounts=5)
    reports = await asyncio.gather(*(_book(both.store, transactions) for _ in range(2)))
    assert [report.wrong for report in reports] == [0, 0]
    assert await _balances(both.store, transactions) == _sums(transactions)


async def test_others_may_book_on_the_accounts_during_an_import(both: Both) -> None:
    transactions = _invented(500, accounts=2)
    account = transactions[0].command.account_id
    front = Accounts(both.store)

    async def others() -> None:
        for n in range(50):
            command = deposit(n, 1, account=account)
            await front.handle(command, context_of(command))

    report, _ = await asyncio.gather(_book(both.store, transactions), others())
    assert (report.exact, report.wrong) == (500, 0)
    assert (await _balances(both.store, transactions))[account] == _sums(transactions)[account] + 50


async def test_a_rule_that_refuses_ends_the_import_and_says_which(both: Both) -> None:
    transactions = _invented(20, accounts=2)
    account = transactions[0].command.account_id
    command = deposit(1, 1, currency="EUR", account=account)
    await Accounts(both.store).handle(command, context_of(command))
    refusal = other_currency(account, own="EUR", currency="CZK")
    with pytest.raises(CurrencyMismatch, match=re.escape(refusal)):
        await _book(both.store, transactions)


async def _decided(store: EventStore, *commands: AccountCommand) -> None:
    front = Accounts(store)
    for command in commands:
        await front.handle(command, context_of(command))


async def _opened(store: EventStore, account: str) -> None:
    await _decided(store, create(1, account=account))


@pytest.mark.parametrize("lines", [1, 3, 700])
async def test_lines_on_a_closed_account_are_listed_and_the_others_are_booked(both: Both, lines: int) -> None:
    transactions = _invented(lines + 40, accounts=3)
    closed = transactions[0].command.account_id
    expected = [each for each in transactions if each.command.account_id == closed]
    await _opened(both.store, closed)
    await _decided(both.store, CloseAccount(account_id=closed, command_id=uuid4()))
    report = await _book(both.store, transactions)
    assert [(each.line, each.account, each.amount) for each in report.refused] == [
        (each.line, closed, format_amount(each.command.amount, "CZK")) for each in expected
    ]
    assert {each.reason for each in report.refused} == {account_is_closed(closed)}
    assert (report.booked, report.already_booked) == (len(transactions) - len(expected), 0)
    assert (report.exact, report.differing, report.wrong) == (report.booked, 0, 0)
    again = await _book(both.store, transactions)
    assert (again.booked, again.already_booked) == (0, report.booked)
    assert again.refused == report.refused


async def test_lines_that_were_booked_before_the_account_was_closed_stay_booked(both: Both) -> None:
    first, last = _invented(2, accounts=1)
    account = first.command.account_id
    await _book(both.store, [first])
    undoing = msgspec.structs.replace(first.command, command_id=uuid4(), amount=-first.command.amount)
    await _decided(both.store, undoing, CloseAccount(account_id=account, command_id=uuid4()))
    report = await _book(both.store, [first, last])
    assert (report.booked, report.already_booked, len(report.refused)) == (0, 1, 1)
    assert report.refused[0].line == last.line


async def test_a_frozen_account_takes_lines_of_a_statement(both: Both) -> None:
    transactions = _invented(20, accounts=1)
    account = transactions[0].command.account_id
    await _opened(both.store, account)
    await _decided(both.store, FreezeAccount(account_id=account, command_id=uuid4()))
    report = await _book(both.store, transactions)
    assert (report.booked, report.exact, report.wrong, report.refused) == (20, 20, 0, [])


async def test_progress_is_reported_from_the_beginning_to_the_end(both: Both) -> None:
    reported: dict[str, list[tuple[int, int]]] = defaultdict(list)
    await book(
        both.store, _invented(300, accounts=7), lambda doing, done, of: reported[doing].append((done, of))
    )
    assert list(reported) == [messages.LOOKING_UP, messages.BOOKING, messages.RECONCILING]
    assert [steps[-1] for steps in reported.values()] == [(7, 7), (300, 300), (7, 7)]


async def test_an_empty_file_books_nothing(both: Both) -> None:
    report = await _book(both.store, [])
    assert (report.transactions, report.booked, report.accounts, report.wrong) == (0, 0, 0, 0)


async def test_a_node_that_is_killed_and_comes_back_does_not_end_the_import(own_node: Node) -> None:
    store = EsdbStore(own_node.uri, deadline=2.0)
    transactions = _invented(3_000, accounts=50)
    run = asyncio.create_task(_book(store, transactions))
    for pause in (0.1, 0.3):
        await asyncio.sleep(pause)
        own_node.kill()
        await asyncio.to_thread(own_node.start)
    report = await run
    assert (report.exact, report.wrong) == (3_000, 0)
    assert await _balances(store, transactions) == _sums(transactions)
    await store.close()


async def test_a_plain_file_is_booked_once(both: Both, tmp_path: Path) -> None:
    prefix = uuid4().hex
    file = tmp_path / "plain.csv"
    header, *lines = (_DATA / "small.csv").read_text().splitlines()
    file.write_text("\n".join([header, *(f"{prefix}{line}" for line in lines)]))
    for booked in (5, 0):
        report = await _book(both.store, plain.read(file, "EUR"))
        assert (report.booked, report.already_booked, report.exact) == (booked, 5 - booked, 5)


@pytest.mark.skipif(not _BERKA.exists(), reason=f"the bank's real data is not at {_BERKA}")
@pytest.mark.timeout(120)
async def test_the_real_bank_reconciles_to_its_figures(own_node: Node) -> None:
    store = EsdbStore(own_node.uri)
    transactions = berka.read(_BERKA / "transactions.csv.xz")
    for booked in (49_102, 0):
        report = await _book(store, transactions)
        assert (report.transactions, report.accounts) == (49_102, 1_229)
        assert (report.booked, report.already_booked) == (booked, 49_102 - booked)
        assert (report.exact, report.rounded, report.differing, report.wrong) == (46_749, 2_325, 28, 0)
    assert len(await _once_below_zero(store, transactions)) == 26
    await store.close()
