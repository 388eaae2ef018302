from uuid import uuid4

import pytest

from commands.users import Personal, Users
from domain.errors import CommandReused, InvalidEmail, InvalidName, NothingToChange
from domain.identifiers import UserId
from domain.users import (
    USERS,
    Deleted,
    HasOpenAccounts,
    UnknownUser,
    UserAlreadyExists,
    UserCreated,
    UserIdRetired,
    UserUpdated,
)
from eventstore.codec import decode
from eventstore.personal.keys import KeyStore
from eventstore.personal.sealing import open_sealed
from tests.kit.accounts import an_id
from tests.kit.contexts import context_for, context_of
from tests.kit.logs import Both
from tests.kit.users import add_account, delete_user

pytestmark = pytest.mark.asyncio(loop_scope="session")

ANNA = Personal(name="Anna Nováková", email="anna@example.com")


@pytest.fixture
def users(both: Both, keys: KeyStore) -> Users:
    return Users(both.store, keys)


@pytest.fixture
def user() -> UserId:
    return UserId(f"p-{uuid4().hex}")


async def test_personal_data_is_in_the_log_only_sealed(
    users: Users, user: UserId, both: Both, keys: KeyStore
) -> None:
    receipt = await users.create(user, ANNA, context_for(an_id(1)))
    (recorded,) = await both.store.read_stream(USERS.stream(user))
    assert (receipt.revision, receipt.position, receipt.repeated) == (0, recorded.position, False)
    assert b"Anna" not in recorded.data + recorded.metadata
    event, key = decode(recorded).event, keys.get(user)
    assert isinstance(event, UserCreated)
    assert key is not None
    assert open_sealed(key, user, "name", event.name) == ANNA.name
    assert open_sealed(key, user, "email", event.email or "") == ANNA.email
    assert event.phone is None


async def test_a_repeated_command_has_one_effect(
    users: Users, user: UserId, both: Both, keys: KeyStore
) -> None:
    for process in (users, users, Users(both.store, keys)):
        await process.create(user, ANNA, context_for(an_id(1)))
        await process.update(user, Personal(phone="112"), context_for(an_id(2)))
    assert len(await both.store.read_stream(USERS.stream(user))) == 2
    repeated = await users.create(user, ANNA, context_for(an_id(1)))
    assert (repeated.revision, repeated.repeated) == (0, True)


async def test_a_command_id_is_not_used_for_other_data(users: Users, user: UserId) -> None:
    await users.create(user, ANNA, context_for(an_id(1)))
    with pytest.raises(CommandReused):
        await users.create(user, Personal(name="Eva"), context_for(an_id(1)))
    with pytest.raises(UserAlreadyExists):
        await users.create(user, ANNA, context_for(an_id(2)))


async def test_an_update_records_only_what_is_sent(users: Users, user: UserId, both: Both) -> None:
    await users.create(user, ANNA, context_for(an_id(1)))
    await users.update(user, Personal(email=None), context_for(an_id(2)))
    (recorded,) = await both.store.read_stream(USERS.stream(user), start=1)
    event = decode(recorded).event
    assert isinstance(event, UserUpdated)
    assert event.email is None
    with pytest.raises(NothingToChange):
        await users.update(user, Personal(), context_for(an_id(3)))


async def test_a_deletion_destroys_the_key_and_retires_the_id(
    users: Users, user: UserId, keys: KeyStore
) -> None:
    await users.create(user, ANNA, context_for(an_id(1)))
    await users.delete(user, context_for(an_id(2)))
    assert keys.get(user) is None
    assert isinstance(await users.state(user), Deleted)
    assert (await users.delete(user, context_for(an_id(2)))).repeated
    with pytest.raises(UserIdRetired):
        await users.create(user, ANNA, context_for(an_id(3)))
    with pytest.raises(UnknownUser):
        await users.update(user, ANNA, context_for(an_id(4)))


async def test_a_deletion_that_ended_before_the_key_was_destroyed_is_finished_by_repeating_it(
    users: Users, user: UserId, keys: KeyStore
) -> None:
    await users.create(user, ANNA, context_for(an_id(1)))
    deletion = delete_user(2, user=user)
    await users.handle(deletion, context_of(deletion))
    assert keys.get(user) is not None
    await users.delete(user, context_of(deletion))
    assert keys.get(user) is None


async def test_nobody_with_an_account_is_deleted_and_the_key_stays(
    users: Users, user: UserId, keys: KeyStore
) -> None:
    await users.create(user, ANNA, context_for(an_id(1)))
    adding = add_account(2, user=user)
    await users.handle(adding, context_of(adding))
    with pytest.raises(HasOpenAccounts):
        await users.delete(user, context_for(an_id(3)))
    assert keys.get(user) is not None


async def test_nobody_unknown_gets_a_key_by_an_update(users: Users, user: UserId, keys: KeyStore) -> None:
    with pytest.raises(UnknownUser):
        await users.update(user, ANNA, context_for(an_id(1)))
    assert keys.get(user) is None


async def test_personal_data_is_checked_before_it_is_sealed() -> None:
    with pytest.raises(InvalidName):
        Personal(name="")
    with pytest.raises(InvalidEmail):
        Personal(name="Anna", email="anna")
    assert Personal(name=" Anna ").name == "Anna"
