"""What a crash left half done about people is finished by a reactor."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from commands.accounts import Accounts
from commands.users import Users
from domain.accounts import CloseAccount, CreateAccount, Unopened
from domain.identifiers import AccountId, UserId
from domain.users import AddAccount, DeleteUser, Known
from reactors import checkpoint
from reactors.people import GRACE, PEOPLE
from tests.commands.people import Process, a_person, check_agree
from tests.kit.contexts import context_for, context_of
from tests.kit.reactors import Log, reacting, until

pytestmark = pytest.mark.asyncio(loop_scope="session")


def later() -> datetime:
    return datetime.now(UTC) + 2 * GRACE


def opening(user: UserId | None) -> CreateAccount:
    return CreateAccount(
        account_id=AccountId(f"a-{uuid4().hex}"), command_id=uuid4(), currency="CZK", holder=user
    )


async def add(log: Log, user: UserId, command: CreateAccount) -> None:
    """The first half of an opening; then the process ended."""
    added = AddAccount(
        user_id=user,
        command_id=uuid4(),
        account_id=command.account_id,
        currency="CZK",
        opening=command.command_id,
    )
    await Users(log.store, log.keys).handle(added, context_of(added))


async def held(log: Log, user: UserId) -> Sequence[AccountId]:
    state = await Users(log.store, log.keys).state(user)
    assert isinstance(state, Known)
    return tuple(state.standing.accounts)


async def test_an_opening_is_completed_and_the_one_who_asked_gets_the_answer(log: Log) -> None:
    user = await a_person(log.store, log.keys)
    command = opening(user)
    await add(log, user, command)
    async with reacting(log, [PEOPLE], clock=later):
        accounts = Accounts(log.store)

        async def opened() -> bool:
            return not isinstance(await accounts.state(command.account_id), Unopened)

        await until(opened)
    await check_agree(log.store, log.keys, user, command.account_id)
    assert (await Accounts(log.store).handle(command, context_of(command))).repeated


async def test_an_opening_whose_id_was_taken_meanwhile_is_undone(log: Log) -> None:
    user = await a_person(log.store, log.keys)
    command = opening(user)
    await add(log, user, command)
    other = CreateAccount(account_id=command.account_id, command_id=uuid4(), currency="EUR")
    await Accounts(log.store).handle(other, context_of(other))
    async with reacting(log, [PEOPLE], clock=later):

        async def undone() -> bool:
            return await held(log, user) == ()

        await until(undone)


async def test_an_account_that_was_closed_is_taken_off_its_holder(log: Log) -> None:
    user = await a_person(log.store, log.keys)
    command = opening(user)
    await Process.on(log.store, log.keys).holding.open(command, context_of(command))
    closing = CloseAccount(account_id=command.account_id, command_id=uuid4())
    await Accounts(log.store).handle(closing, context_of(closing))
    assert await held(log, user) == (command.account_id,)
    async with reacting(log, [PEOPLE], clock=later):

        async def undone() -> bool:
            return await held(log, user) == ()

        await until(undone)


async def test_the_key_of_somebody_who_was_deleted_is_destroyed(log: Log) -> None:
    user = await a_person(log.store, log.keys)
    command = DeleteUser(user_id=user, command_id=uuid4())
    await Users(log.store, log.keys).handle(command, context_of(command))
    assert log.keys.get(user)
    async with reacting(log, [PEOPLE], clock=later):
        await until(lambda: log.keys.get(user) is None)


async def test_what_was_finished_at_once_leaves_nothing_to_do(log: Log) -> None:
    user = await a_person(log.store, log.keys)
    command = opening(user)
    process = Process.on(log.store, log.keys)
    await process.holding.open(command, context_of(command))
    closing = CloseAccount(account_id=command.account_id, command_id=uuid4())
    await process.holding.close(closing, context_of(closing))
    await process.users.delete(user, context_for(uuid4()))
    end = await log.store.head()
    async with reacting(log, [PEOPLE], clock=later):

        async def at_the_end() -> bool:
            stored = await checkpoint.load(log.store, PEOPLE.name)
            return stored.progress.after >= end

        await until(at_the_end)
    assert len(await log.store.read_stream(f"user-{user}")) == 4
