"""The read model `people`: what it holds of each person, and how the audit checks it."""

import pytest
import redis as redis_py

from domain.users import UserCommand
from eventstore.codec import Fact
from projections.audit import audit
from projections.engine.clients import Redis
from projections.engine.facts import Streams
from projections.engine.folding import fold
from projections.engine.keys import STREAMS
from projections.engine.reading import ReadModelMissing
from projections.engine.readmodel import Cell
from projections.engine.writes import stored
from projections.readmodels import people
from projections.readmodels.people import Person
from tests.kit.journal import Journal
from tests.kit.memory_redis import ReadSide
from tests.kit.projector import project_all
from tests.kit.users import (
    add_account,
    create_user,
    delete_user,
    register,
    remove_account,
    sealed,
    update_user,
)


def told(journal: Journal, *commands: UserCommand) -> int:
    return [register(journal, command) for command in commands][-1]


async def person(read_side: ReadSide, journal: Journal) -> Person | None:
    read_side.project(journal)
    return await people.person(read_side.redis, "anna")


async def test_a_person_has_sealed_data_and_no_accounts_at_first(
    read_side: ReadSide, journal: Journal
) -> None:
    position = told(journal, create_user(1, name="Anna", phone="112"))
    assert await person(read_side, journal) == Person(
        user_id="anna",
        name=sealed("Anna"),
        email=None,
        phone=sealed("112"),
        accounts=(),
        former=(),
        revision=0,
        position=position,
        changed=journal.all[0].created,
    )


async def test_an_update_changes_what_it_states_and_clears_what_is_null(
    read_side: ReadSide, journal: Journal
) -> None:
    told(journal, create_user(1, email="a@b.cz", phone="112"), update_user(2, name="Eva", email=None))
    found = await person(read_side, journal)
    assert found is not None
    assert found.sealed == {"name": sealed("Eva"), "phone": sealed("112")}
    assert found.revision == 1


async def test_a_person_has_open_and_former_accounts(read_side: ReadSide, journal: Journal) -> None:
    added = [add_account(number, f"a{number}") for number in (2, 3, 4)]
    removed = (remove_account(5, "a2"), remove_account(6, "a3", reason="not_opened"))
    told(journal, create_user(1), *added, *removed)
    found = await person(read_side, journal)
    assert found is not None
    assert (found.accounts, found.former) == (("a4",), ("a2",))


async def test_somebody_who_was_deleted_goes_away_from_it(read_side: ReadSide, journal: Journal) -> None:
    gone = create_user(1, name="Anna", email="a@b.cz", phone="112")
    told(journal, gone, create_user(2, user="eva", name="Eva"), delete_user(3))
    assert await person(read_side, journal) is None
    listed = [found async for found in people.names(read_side.redis)]
    assert {user: name for part in listed for user, name in part.items()} == {"eva": sealed("Eva")}


async def test_several_people_come_in_the_order_in_which_they_were_asked_for(
    read_side: ReadSide, journal: Journal
) -> None:
    told(journal, create_user(1, user="b"), create_user(2, user="a"))
    read_side.project(journal)
    found = await people.people(read_side.redis, ["nobody", "b", "a"])
    assert [each.user_id for each in found] == ["b", "a"]
    assert await people.people(read_side.redis, []) == []


def whole_life(journal: Journal) -> None:
    told(
        journal,
        create_user(1, name="Anna", email="a@b.cz", phone="112"),
        update_user(2, name="Eva", email=None),
        add_account(3, "a1"),
        add_account(4, "a2"),
        add_account(5, "a3"),
        remove_account(6, "a1"),
        remove_account(7, "a2", reason="not_opened"),
        create_user(8, user="gone"),
        delete_user(9, user="gone"),
    )
    journal.open("a3", user_id="anna")


def test_what_is_expected_is_what_the_projection_makes(journal: Journal) -> None:
    whole_life(journal)
    batch = Streams().read(journal.all).concerning(people.MODEL, after=0)
    made = {
        Cell("hash", key, user_id): stored(value)
        for key, values in fold(people.MODEL, batch, set()).sets.items()
        for user_id, value in values.items()
        if key != STREAMS and value is not None
    }
    found = people.expected(fact for fact in batch.facts if isinstance(fact, Fact))
    assert {cell: as_bytes(value) for cell, value in made.items()} == found


def as_bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value


@pytest.mark.every_server
def test_the_audit_expects_what_the_projection_makes(
    client: redis_py.Redis, url: str, journal: Journal
) -> None:
    whole_life(journal)
    project_all(lambda: journal.log, url)
    assert audit(journal.log, client) == []


@pytest.mark.every_server
@pytest.mark.parametrize(
    ("key", "user_id", "value"), [("names", "anna", "1.x"), ("rows", "anna", ""), ("emails", "gone", "1.x")]
)
def test_the_audit_finds_what_was_changed(
    client: redis_py.Redis, url: str, journal: Journal, key: str, user_id: str, value: str
) -> None:
    whole_life(journal)
    project_all(lambda: journal.log, url)
    client.hset(f"{{people:1}}:{key}", user_id, value)
    (found,) = audit(journal.log, client)
    assert key in found


async def test_a_lost_name_makes_the_read_model_missing(
    client: redis_py.Redis, redis: Redis, url: str, journal: Journal
) -> None:
    told(journal, create_user(1))
    project_all(lambda: journal.log, url)
    client.delete("{people:1}:names")
    with pytest.raises(ReadModelMissing):
        await people.person(redis, "anna")
