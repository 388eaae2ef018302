"""Many commands at once on one account: each is decided on the truth, and none waits for ever."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import msgspec
import pytest
import pytest_asyncio

from commands.accounts import Accounts, Receipt
from domain.accounts import ACCOUNTS, InsufficientFunds
from domain.errors import CommandTooOld
from domain.identifiers import AccountId
from eventstore.esdb import EsdbStore
from eventstore.store import OutcomeUnknown
from tests.kit.accounts import DAY, deposit, entry_id, record, withdraw
from tests.kit.busy import busy_program
from tests.kit.contexts import context_of
from tests.kit.faults import Unreliable
from tests.kit.node import Node

pytestmark = pytest.mark.asyncio(loop_scope="session")

WITHDRAWALS = 64
AFFORDED = 10


class Office(msgspec.Struct, frozen=True):
    """A write side with a connection of its own, as in a web process, that counts its appends."""

    store: Unreliable
    accounts: Accounts


@pytest_asyncio.fixture(loop_scope="session")
async def offices(node: Node) -> AsyncIterator[list[Office]]:
    stores = [EsdbStore(node.uri) for _ in range(2)]
    counted = [Unreliable(store) for store in stores]
    yield [Office(store, Accounts(store)) for store in counted]
    for store in stores:
        await store.close()


@pytest.fixture
def account(request: pytest.FixtureRequest) -> AccountId:
    return AccountId(f"c-{abs(hash(request.node.nodeid))}")


async def withdraw_all(offices: list[Office], account: AccountId) -> tuple[int, int]:
    """64 withdrawals of 1.00 at once, in turn at each office: how many were booked, and how many appends that took."""
    before = sum(office.store.appends for office in offices)
    answers = await asyncio.gather(
        *(
            office.accounts.handle(command, context_of(command))
            for n in range(WITHDRAWALS)
            for office, command in [(offices[n % len(offices)], withdraw(n + 1, 100, account=account))]
        ),
        return_exceptions=True,
    )
    kinds = [type(answer) for answer in answers]
    assert {*kinds} <= {Receipt, InsufficientFunds}
    return kinds.count(Receipt), sum(office.store.appends for office in offices) - before


@pytest.mark.parametrize("number", [1, 2])
async def test_of_64_withdrawals_at_once_exactly_those_that_the_balance_affords_are_booked(
    offices: list[Office], account: AccountId, number: int
) -> None:
    opening = deposit(0, AFFORDED * 100, account=account)
    await offices[0].accounts.handle(opening, context_of(opening))
    booked, appends = await withdraw_all(offices[:number], account)
    assert booked == AFFORDED
    assert appends <= 5 * WITHDRAWALS


@pytest.mark.parametrize("number", [1, 2])
async def test_no_withdrawal_starves_while_another_program_appends_all_the_time(
    node: Node, offices: list[Office], account: AccountId, number: int
) -> None:
    opening = deposit(0, WITHDRAWALS * 100, account=account)
    await offices[0].accounts.handle(opening, context_of(opening))
    with busy_program(node.uri, account) as busy:
        booked, appends = await withdraw_all(offices[:number], account)
    assert booked == WITHDRAWALS
    assert appends <= 5 * WITHDRAWALS
    assert busy.appended > AFFORDED


async def test_commands_that_wait_for_one_account_share_an_append(
    offices: list[Office], account: AccountId
) -> None:
    commands = [deposit(n, 100, account=account) for n in range(WITHDRAWALS)]
    office = offices[0]
    receipts = await asyncio.gather(*(office.accounts.handle(each, context_of(each)) for each in commands))
    assert [receipt.balance for receipt in receipts] == [100 * (n + 1) for n in range(WITHDRAWALS)]
    assert [receipt.revision for receipt in receipts] == [n + 1 for n in range(WITHDRAWALS)]
    assert office.store.appends == 2
    records = await office.store.read_stream(ACCOUNTS.stream(account))
    assert [UUID(each.event_id) for each in records[1:]] == [receipt.event_id for receipt in receipts]


# One effect per command id.


async def test_an_entry_whose_answer_was_lost_is_booked_once_when_its_retry_shares_an_append(
    offices: list[Office], account: AccountId
) -> None:
    """The log takes no append of which it has a part already."""
    office, opening = offices[0], deposit(0, 100, account=account)
    await office.accounts.handle(opening, context_of(opening))
    lost, failing, other = (deposit(n, 100, account=account) for n in range(1, 4))
    office.store.lose_replies = 2
    with pytest.raises(OutcomeUnknown):
        await office.accounts.handle(lost, context_of(lost))
    office.store.lose_requests = 2
    answers = await asyncio.gather(
        *(office.accounts.handle(each, context_of(each)) for each in (failing, lost, other)),
        return_exceptions=True,
    )
    assert [type(each) for each in answers] == [OutcomeUnknown, Receipt, Receipt]
    assert (await office.accounts.handle(other, context_of(other))).balance == 300
    assert len(await office.store.read_stream(ACCOUNTS.stream(account))) == 4


@pytest.mark.slow
async def test_1000_racing_duplicates_at_two_offices_book_one_entry(
    offices: list[Office], account: AccountId
) -> None:
    command = deposit(1, 100, account=account)
    receipts = await asyncio.gather(
        *(offices[n % 2].accounts.handle(command, context_of(command)) for n in range(1_000))
    )
    assert {(each.entry_id, each.revision, each.position, each.balance) for each in receipts} == {
        (entry_id(1, account), 1, receipts[0].position, 100)
    }
    assert len(await offices[0].store.read_stream(ACCOUNTS.stream(account))) == 2


@pytest.mark.slow
async def test_a_retry_a_day_and_10000_entries_later_is_never_booked_again(
    offices: list[Office], account: AccountId
) -> None:
    first, second = (office.accounts for office in offices)
    command = deposit(0, 100, account=account)
    await first.handle(command, context_of(command))
    for start in range(1, 10_001, 1_000):
        many = [record(n, 1, account=account) for n in range(start, start + 1_000)]
        await first.handle_all(many, [context_of(each) for each in many])
    later = deposit(0, 100, account=account, booked_on=DAY + timedelta(days=1))
    recent = deposit(10_000, 1, account=account, booked_on=DAY + timedelta(days=1))
    for accounts in (first, second):
        with pytest.raises(CommandTooOld):
            await accounts.handle(later, context_of(later))
        assert (await accounts.handle(recent, context_of(recent))).balance == 10_100
    assert len(await offices[0].store.read_stream(ACCOUNTS.stream(account))) == 10_002
