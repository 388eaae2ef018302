"""Commands that are booked on certain revisions only, and commands that are only tried."""

import asyncio

import pytest

from commands.accounts import Accounts
from commands.deciding import Terms, WrongVersion
from domain.accounts import AccountCommand, InsufficientFunds
from domain.errors import CommandReused, InvalidAmount
from domain.identifiers import AccountId
from eventstore.store import NO_STREAM
from tests.kit.accounts import create, deposit, record, withdraw
from tests.kit.contexts import context_of
from tests.kit.faults import Unreliable
from tests.kit.logs import Both

pytestmark = pytest.mark.asyncio(loop_scope="session")

DRY = Terms(dry_run=True)


@pytest.fixture
def account(both: Both) -> AccountId:
    return AccountId(f"a{both.prefix}")


def at(*revisions: int) -> Terms:
    return Terms(only_at=revisions)


async def give(accounts: Accounts, command: AccountCommand, terms: Terms) -> int:
    """Returns the revision."""
    return (await accounts.handle(command, context_of(command), terms)).revision


async def opened(both: Both, account: AccountId) -> Accounts:
    """At revision 1, with 1.00."""
    accounts = Accounts(both.store)
    command = deposit(1, 100, account=account)
    await accounts.handle(command, context_of(command))
    return accounts


# On certain revisions only.


async def test_a_command_is_booked_on_a_revision_that_was_named(both: Both, account: AccountId) -> None:
    accounts = await opened(both, account)
    assert await give(accounts, deposit(2, 1, account=account), at(1)) == 2
    assert await give(accounts, deposit(3, 1, account=account), at(7, 2)) == 3


async def test_a_command_for_another_revision_books_nothing(both: Both, account: AccountId) -> None:
    accounts = await opened(both, account)
    for terms in (at(), at(0), at(2, 3), at(NO_STREAM)):
        with pytest.raises(WrongVersion, match="revision 1,") as wrong:
            await give(accounts, deposit(2, 1, account=account), terms)
        assert wrong.value.revision == 1
    assert await give(accounts, deposit(2, 1, account=account), at(1)) == 2


async def test_an_account_that_is_not_open_has_a_revision_too(both: Both, account: AccountId) -> None:
    accounts = Accounts(both.store)
    for command in (create(1, account=account), withdraw(1, 1, account=account)):
        with pytest.raises(WrongVersion, match="does not exist"):
            await give(accounts, command, at(0))
    assert await give(accounts, create(1, account=account), at(NO_STREAM)) == 0


async def test_the_revision_of_the_log_counts_and_not_that_in_memory(both: Both, account: AccountId) -> None:
    behind = await opened(both, account)
    ahead = Accounts(both.store)
    other = deposit(2, 1, account=account)
    await ahead.handle(other, context_of(other))
    with pytest.raises(WrongVersion) as wrong:
        await give(behind, deposit(3, 1, account=account), at(1))
    assert wrong.value.revision == 2
    other = deposit(3, 1, account=account)
    await ahead.handle(other, context_of(other))
    assert await give(behind, deposit(4, 1, account=account), at(3)) == 4


async def test_the_version_is_told_before_a_refusal_that_depends_on_it(
    both: Both, account: AccountId
) -> None:
    accounts = await opened(both, account)
    with pytest.raises(WrongVersion):
        await give(accounts, withdraw(2, 101, account=account), at(0))
    with pytest.raises(InsufficientFunds):
        await give(accounts, withdraw(2, 101, account=account), at(1))
    with pytest.raises(InvalidAmount):
        await give(accounts, deposit(2, 0, account=account), at(0))


async def test_a_repeated_command_is_answered_whatever_revision_is_named(
    both: Both, account: AccountId
) -> None:
    accounts = await opened(both, account)
    for each in (accounts, Accounts(both.store)):
        assert await give(each, deposit(1, 100, account=account), at(7)) == 1
        with pytest.raises(CommandReused):
            await give(each, deposit(1, 999, account=account), at(7))


async def test_of_many_commands_for_one_revision_at_two_ledgers_one_is_booked(
    both: Both, account: AccountId
) -> None:
    fronts = await opened(both, account), Accounts(both.store)
    attempts = (give(fronts[n % 2], deposit(n + 2, 1, account=account), at(1)) for n in range(20))
    answers = await asyncio.gather(*attempts, return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["WrongVersion"] * 19 + ["int"]


async def test_one_command_for_one_revision_that_arrives_many_times_gets_one_answer(
    both: Both, account: AccountId
) -> None:
    fronts = await opened(both, account), Accounts(both.store)
    command = deposit(2, 1, account=account)
    assert {*await asyncio.gather(*(give(fronts[n % 2], command, at(1)) for n in range(20)))} == {2}


async def test_a_command_is_not_tried_on_a_later_revision_after_a_conflict(
    both: Both, account: AccountId
) -> None:
    other, store = await opened(both, account), Unreliable(both.store)
    accounts, faster = Accounts(store), deposit(2, 1, account=account)
    store.before_append = lambda: other.handle(faster, context_of(faster))
    with pytest.raises(WrongVersion):
        await give(accounts, deposit(3, 1, account=account), at(1))
    assert store.appends == 1


# Only tried.


async def test_a_dry_run_answers_as_the_command_would_and_books_nothing(
    both: Both, account: AccountId
) -> None:
    accounts = await opened(both, account)
    command = withdraw(2, 30, account=account)
    tried = await accounts.handle(command, context_of(command), DRY)
    assert (tried.revision, tried.position, tried.balance, tried.repeated) == (2, None, 70, False)
    assert len(await both.store.read_stream(f"account-{account}")) == 2
    booked = await accounts.handle(command, context_of(command))
    assert (booked.entry_id, booked.revision, booked.balance) == (
        tried.entry_id,
        tried.revision,
        tried.balance,
    )


async def test_a_dry_run_is_decided_on_what_the_log_holds(both: Both, account: AccountId) -> None:
    behind, ahead = await opened(both, account), Accounts(both.store)
    other = withdraw(2, 100, account=account)
    await ahead.handle(other, context_of(other))
    with pytest.raises(InsufficientFunds):
        await give(behind, withdraw(3, 100, account=account), DRY)
    with pytest.raises(WrongVersion):
        await give(behind, deposit(3, 1, account=account), Terms(only_at=[1], dry_run=True))
    assert await give(behind, deposit(3, 1, account=account), Terms(only_at=[2], dry_run=True)) == 3


async def test_a_dry_run_of_a_command_that_was_booked_gives_its_answer(
    both: Both, account: AccountId
) -> None:
    accounts = await opened(both, account)
    command = deposit(1, 100, account=account)
    booked = await accounts.handle(command, context_of(command))
    assert await accounts.handle(command, context_of(command), DRY) == booked


async def test_a_dry_run_of_commands_with_one_twice_gives_both_the_same_answer(
    both: Both, account: AccountId
) -> None:
    commands = [record(1, 5, account=account), record(2, 7, account=account), record(1, 5, account=account)]
    contexts = [context_of(command) for command in commands]
    tried = await Accounts(both.store).handle_all(commands, contexts, DRY)
    assert [(each.revision, each.balance, each.repeated) for each in tried] == [
        (1, 5, False),
        (2, 12, False),
        (1, 5, True),
    ]
