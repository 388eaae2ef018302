"""Opening and closing of accounts that somebody holds, deletions at the same time, and crashes in between."""

import asyncio
from collections.abc import Awaitable
from typing import Final
from uuid import uuid4

import pytest

from domain.accounts import ACCOUNTS, AccountAlreadyExists, CloseAccount, CreateAccount
from domain.errors import CommandReused, DomainError
from domain.identifiers import AccountId, UserId
from domain.users import USERS, Deleted, HasOpenAccounts, UnknownUser
from eventstore.codec import origin
from eventstore.personal.keys import KeyStore
from eventstore.store import EventStore
from tests.commands.people import Process, a_person, check_agree, finish_all
from tests.kit.accounts import an_id, create
from tests.kit.contexts import context_for, context_of
from tests.kit.faults import Unreliable
from tests.kit.logs import Both
from tests.kit.users import delete_user

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAIRS: Final = 200
AT_ONCE: Final = 20


class Crash(Exception):
    pass


def crashing(store: EventStore, after: int) -> Unreliable:
    """A log whose process ends before its append number `after`, counted from 0."""
    unreliable = Unreliable(store)

    async def crash() -> None:
        if unreliable.appends > after:
            raise Crash

    unreliable.before_append = crash
    return unreliable


@pytest.fixture
def account() -> AccountId:
    return AccountId(f"a-{uuid4().hex}")


@pytest.fixture
def process(both: Both, keys: KeyStore) -> Process:
    return Process.on(both.store, keys)


def opening(number: int, account: AccountId, user: UserId | None) -> CreateAccount:
    return create(number, account=account, user=user)


def closing(number: int, account: AccountId) -> CloseAccount:
    return CloseAccount(account_id=account, command_id=an_id(number))


async def open_(process: Process, command: CreateAccount) -> object:
    return await process.holding.open(command, context_of(command))


async def test_an_account_is_opened_for_its_holder_who_then_cannot_be_deleted(
    process: Process, both: Both, keys: KeyStore, account: AccountId
) -> None:
    user = await a_person(both.store, keys)
    first = await process.holding.open(command := opening(1, account, user), context_of(command))
    again = await process.holding.open(command, context_of(command))
    assert (first.repeated, again.repeated) == (False, True)
    with pytest.raises(HasOpenAccounts):
        await process.users.delete(user, context_for(an_id(2)))
    await check_agree(both.store, keys, user, account)


async def test_a_holder_is_deleted_once_the_account_is_closed(
    process: Process, both: Both, keys: KeyStore, account: AccountId
) -> None:
    user = await a_person(both.store, keys)
    await open_(process, opening(1, account, user))
    for _ in range(2):
        await process.holding.close(closing(2, account), context_for(an_id(2)))
    await check_agree(both.store, keys, user, account)
    await process.users.delete(user, context_for(an_id(3)))


async def test_nobody_unknown_or_deleted_gets_an_account(
    process: Process, both: Both, keys: KeyStore, account: AccountId
) -> None:
    user = await a_person(both.store, keys)
    await process.users.delete(user, context_for(an_id(1)))
    for holder in (user, UserId(f"nobody-{uuid4().hex}")):
        with pytest.raises(UnknownUser):
            await open_(process, opening(2, account, holder))
    await check_agree(both.store, keys, user, account)


async def test_an_account_without_a_holder_is_opened_and_closed_as_before(
    process: Process, account: AccountId
) -> None:
    await open_(process, opening(1, account, None))
    await process.holding.close(closing(2, account), context_for(an_id(2)))


async def test_an_id_that_is_taken_is_refused_and_the_person_holds_nothing(
    process: Process, both: Both, keys: KeyStore, account: AccountId
) -> None:
    user, other = await a_person(both.store, keys), await a_person(both.store, keys)
    await open_(process, opening(1, account, other))
    for _ in range(2):
        with pytest.raises(AccountAlreadyExists):
            await open_(process, opening(2, account, user))
    with pytest.raises(CommandReused):
        await open_(process, opening(1, account, user))
    await check_agree(both.store, keys, user, account)
    await process.users.delete(user, context_for(an_id(3)))


async def test_two_people_who_want_the_same_id_at_once_do_not_both_get_it(both: Both, keys: KeyStore) -> None:
    for _ in range(20):
        account = AccountId(f"a-{uuid4().hex}")
        people = [await a_person(both.store, keys) for _ in range(2)]
        results = await asyncio.gather(
            *(
                open_(Process.on(both.store, keys), opening(number, account, user))
                for number, user in enumerate(people)
            ),
            return_exceptions=True,
        )
        refused = [result for result in results if isinstance(result, BaseException)]
        assert [type(each) for each in refused] == [AccountAlreadyExists]
        for user in people:
            await check_agree(both.store, keys, user, account)


@pytest.mark.slow
async def test_opening_and_deletion_at_once_never_both_succeed(both: Both, keys: KeyStore) -> None:
    one, other = Process.on(both.store, keys), Process.on(both.store, keys)
    people = [await a_person(both.store, keys) for _ in range(PAIRS)]

    async def pair(number: int, user: UserId) -> tuple[bool, bool]:
        account = AccountId(f"a-{user}")
        opened, deleted = await asyncio.gather(
            _succeeds(open_(one, opening(number, account, user))),
            _succeeds(_later(number % 16 * 8, other.users.delete(user, context_for(an_id(number))))),
        )
        await check_agree(both.store, keys, user, account)
        assert (keys.get(user) is None) is deleted
        return opened, deleted

    results = set()
    for start in range(0, PAIRS, AT_ONCE):
        pairs = enumerate(people[start : start + AT_ONCE], start)
        results |= set(await asyncio.gather(*(pair(number, user) for number, user in pairs)))
    assert results == {(True, False), (False, True)}


async def _later(milliseconds: int, attempt: Awaitable[object]) -> object:
    """So that either of two attempts may be the faster one."""
    await asyncio.sleep(milliseconds / 1000)
    return await attempt


async def _succeeds(attempt: Awaitable[object]) -> bool:
    try:
        await attempt
    except DomainError:
        return False
    return True


# Crashes.


@pytest.mark.parametrize("after", [0, 1])
async def test_an_opening_that_a_crash_left_half_done_is_completed(
    both: Both, keys: KeyStore, account: AccountId, after: int
) -> None:
    user = await a_person(both.store, keys)
    with pytest.raises(Crash):
        await open_(Process.on(crashing(both.store, after), keys), opening(1, account, user))
    for _ in range(2):
        await finish_all(both.store, keys, user, account)
        await check_agree(both.store, keys, user, account)
    repeated = Process.on(both.store, keys)
    assert await open_(repeated, opening(1, account, user))
    await check_agree(both.store, keys, user, account)


async def test_an_opening_of_an_id_that_was_taken_meanwhile_is_undone_after_a_crash(
    both: Both, keys: KeyStore, account: AccountId
) -> None:
    user, other = await a_person(both.store, keys), await a_person(both.store, keys)
    with pytest.raises(Crash):
        await open_(Process.on(crashing(both.store, 1), keys), opening(1, account, user))
    await open_(Process.on(both.store, keys), opening(2, account, other))
    for _ in range(2):
        await finish_all(both.store, keys, user, account)
        await check_agree(both.store, keys, user, account)
    await check_agree(both.store, keys, other, account)


async def test_a_crash_while_an_opening_is_undone_changes_nothing_in_the_end(
    both: Both, keys: KeyStore, account: AccountId
) -> None:
    user, other = await a_person(both.store, keys), await a_person(both.store, keys)
    faulty = Unreliable(both.store)

    async def take_the_id_then_crash() -> None:
        if faulty.appends == 2:
            await open_(Process.on(both.store, keys), opening(2, account, other))
        if faulty.appends == 3:
            raise Crash

    faulty.before_append = take_the_id_then_crash
    with pytest.raises(Crash):
        await open_(Process.on(faulty, keys), opening(1, account, user))
    await finish_all(both.store, keys, user, account)
    await check_agree(both.store, keys, user, account)


@pytest.mark.parametrize("after", [0, 1])
async def test_a_closing_that_a_crash_left_half_done_is_completed(
    both: Both, keys: KeyStore, account: AccountId, after: int
) -> None:
    user = await a_person(both.store, keys)
    await open_(Process.on(both.store, keys), opening(1, account, user))
    broken = Process.on(crashing(both.store, after), keys)
    with pytest.raises(Crash):
        await broken.holding.close(closing(2, account), context_for(an_id(2)))
    for _ in range(2):
        await finish_all(both.store, keys, user, account)
        await check_agree(both.store, keys, user, account)


async def test_a_deletion_whose_key_a_crash_left_is_completed(
    process: Process, both: Both, keys: KeyStore, account: AccountId
) -> None:
    user = await a_person(both.store, keys)
    deletion = delete_user(1, user=user)
    await process.users.handle(deletion, context_of(deletion))
    await finish_all(both.store, keys, user, account)
    assert keys.get(user) is None
    assert isinstance(await process.users.state(user), Deleted)


async def causes(both: Both, stream: str) -> list[tuple[str, str]]:
    """The id of each event of the stream, and that of what led to it."""
    return [(each.event_id, origin(each).causation_id) for each in await both.store.read_stream(stream)]


async def test_what_happens_on_one_stream_is_the_cause_of_what_follows_on_the_other(
    both: Both, keys: KeyStore, process: Process, account: AccountId
) -> None:
    user = await a_person(both.store, keys)
    command, ending = opening(1, account, user), closing(2, account)
    for _ in range(2):
        await process.holding.open(command, context_of(command))
        await process.holding.close(ending, context_of(ending))
    _, (added, cause_of_added), (_, cause_of_removed) = await causes(both, USERS.stream(user))
    (_, cause_of_created), (closed, cause_of_closed) = await causes(both, ACCOUNTS.stream(account))
    assert (cause_of_added, cause_of_created) == (str(command.command_id), added)
    assert (cause_of_closed, cause_of_removed) == (str(ending.command_id), closed)


async def test_an_opening_that_is_undone_is_the_cause_of_that(
    both: Both, keys: KeyStore, process: Process, account: AccountId
) -> None:
    user, command = await a_person(both.store, keys), opening(1, account, None)
    store = Unreliable(both.store)

    async def taken() -> None:
        if store.appends == 1:
            await process.holding.open(command, context_of(command))

    store.before_append = taken
    late = opening(2, account, user)
    with pytest.raises(AccountAlreadyExists):
        await Process.on(store, keys).holding.open(late, context_of(late))
    _, (added, _), (_, cause) = await causes(both, USERS.stream(user))
    assert cause == added
