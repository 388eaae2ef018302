"""Who may do what to a stream: EventStoreDB's rules, on a log in memory."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from esdbnode.access import Action
from esdbnode.doors.rights import Rights
from esdbnode.doors.users import User
from esdbnode.storage.log import Log
from esdbnode.streams.appends import append, server_event
from esdbnode.streams.deleting import tombstone
from esdbnode.streams.revisions import Expect

READ, WRITE, DELETE = Action.READ, Action.WRITE, Action.DELETE


def user(name: str, *groups: str) -> User:
    return User(name, "", frozenset((name, *groups, "$all")))


ADMIN, BY_GROUP = user("admin"), user("root", "$admins")
OPS, PLAIN, CLERK = user("ops", "$ops"), user("plain"), user("other", "clerks")


class House:
    def __init__(self) -> None:
        self.log = Log(None)
        self.rights = Rights(self.log)

    async def set(self, stream: str, fields: Any, *, is_json: bool = True) -> None:
        event = server_event("$metadata", json.dumps(fields).encode(), json=is_json)
        await self.log.submit(lambda transaction: append(transaction, stream, Expect.ANY, [event]))

    async def acl(self, stream: str, acl: Any) -> None:
        await self.set(f"$${stream}", {"$acl": acl})

    def who_may(self, action: Action, stream: str) -> list[str]:
        return [who.name for who in (ADMIN, OPS, PLAIN, CLERK) if self.rights.may(who, action, stream)]


ALL_OF_THEM = ["admin", "ops", "plain", "other"]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    opened = House()
    yield opened
    await opened.log.close()


@pytest.mark.parametrize("action", list(Action))
async def test_whoever_is_signed_in_may_do_anything_to_an_ordinary_stream(
    house: House, action: Action
) -> None:
    assert house.who_may(action, "s") == ALL_OF_THEM


@pytest.mark.parametrize("action", list(Action))
async def test_only_administrators_may_do_anything_to_a_system_stream(house: House, action: Action) -> None:
    assert house.who_may(action, "$s") == ["admin"]
    assert house.rights.may(BY_GROUP, action, "$s")


@pytest.mark.parametrize("stream", ["s", "$s", "$$s", "$all", ""])
@pytest.mark.parametrize("action", list(Action))
async def test_nobody_may_do_nothing_whatever_the_acl_says(house: House, action: Action, stream: str) -> None:
    for described in ("s", "$s", "$all"):
        await house.acl(described, dict.fromkeys(("$r", "$w", "$d", "$mr", "$mw"), "$all"))
    assert not house.rights.may(None, action, stream)


@pytest.mark.parametrize("all_streams", ["$all", ""])
async def test_all_is_read_by_administrators_and_written_by_none(house: House, all_streams: str) -> None:
    assert house.who_may(READ, all_streams) == ["admin"]
    assert house.who_may(WRITE, all_streams) == house.who_may(DELETE, all_streams) == []


async def test_an_acl_on_all_lets_others_read_it(house: House) -> None:
    await house.acl("$all", {"$r": ["plain", "$admins"]})
    assert house.who_may(READ, "$all") == house.who_may(READ, "") == ["admin", "plain"]
    assert house.who_may(WRITE, "$all") == []


async def test_an_acl_names_users_groups_or_everyone(house: House) -> None:
    await house.acl("s", {"$r": "plain", "$w": ["clerks", "$ops"], "$d": "$all"})
    assert house.who_may(READ, "s") == ["admin", "plain"]
    assert house.who_may(WRITE, "s") == ["admin", "ops", "other"]
    assert house.who_may(DELETE, "s") == ALL_OF_THEM


async def test_an_acl_that_names_no_one_leaves_administrators(house: House) -> None:
    await house.acl("s", {"$r": []})
    assert house.who_may(READ, "s") == ["admin"]


async def test_a_right_that_the_acl_leaves_out_is_the_default(house: House) -> None:
    await house.acl("s", {"$r": "plain"})
    await house.acl("$s", {"$r": "plain"})
    assert house.who_may(WRITE, "s") == ALL_OF_THEM
    assert (house.who_may(READ, "$s"), house.who_may(WRITE, "$s")) == (["admin", "plain"], ["admin"])


async def test_a_metastream_is_read_and_written_by_the_metadata_rights_of_its_stream(house: House) -> None:
    await house.acl("s", {"$r": [], "$w": [], "$mr": "plain", "$mw": "clerks"})
    assert (house.who_may(READ, "$$s"), house.who_may(WRITE, "$$s")) == (
        ["admin", "plain"],
        ["admin", "other"],
    )


async def test_a_metastream_of_a_system_stream_or_of_a_metastream_is_for_administrators(
    house: House,
) -> None:
    for stream in ("$$$s", "$$$$s", "$$$all"):
        assert house.who_may(READ, stream) == house.who_may(WRITE, stream) == ["admin"]


async def test_a_metastream_is_deleted_by_none(house: House) -> None:
    assert house.who_may(DELETE, "$$s") == []


async def test_a_change_of_the_acl_counts_at_once(house: House) -> None:
    for who in ("plain", "ops", "clerks"):
        await house.acl("s", {"$r": who})
        assert house.who_may(READ, "s") == ["admin", {"clerks": "other"}.get(who, who)]
    await house.set("$$s", {})
    assert house.who_may(READ, "s") == ALL_OF_THEM


async def test_a_tombstoned_stream_has_lost_its_acl(house: House) -> None:
    await house.acl("s", {"$r": "plain"})
    assert house.who_may(READ, "s") == ["admin", "plain"]
    await house.log.submit(lambda transaction: tombstone(transaction, "s", Expect.ANY))
    assert house.who_may(READ, "s") == ALL_OF_THEM


@pytest.mark.parametrize(
    "spoilt",
    [{"$r": 5}, {"$r": None}, {"$r": ["plain", 5]}, {"$r": [], "$x": []}, [], None, "plain"],
    ids=str,
)
async def test_an_acl_that_makes_no_sense_has_no_effect(house: House, spoilt: Any) -> None:
    await house.acl("s", spoilt)
    assert house.who_may(READ, "s") == ALL_OF_THEM


async def test_metadata_that_is_not_json_has_no_effect(house: House) -> None:
    await house.set("$$s", {"$acl": {"$r": []}}, is_json=False)
    assert house.who_may(READ, "s") == ALL_OF_THEM


async def test_settings_change_the_defaults_and_their_change_counts_at_once(house: House) -> None:
    assert house.who_may(READ, "s") == ALL_OF_THEM
    await house.set("$settings", {"$userStreamAcl": {"$r": "clerks"}, "$systemStreamAcl": {"$w": "$ops"}})
    assert (house.who_may(READ, "s"), house.who_may(WRITE, "s")) == (["admin", "other"], ALL_OF_THEM)
    assert (house.who_may(READ, "$s"), house.who_may(WRITE, "$s")) == (["admin"], ["admin", "ops"])
    await house.acl("s", {"$r": "plain"})
    assert house.who_may(READ, "s") == ["admin", "plain"]
    await house.set("$settings", {"$userStreamAcl": 5})
    assert house.who_may(READ, "t") == ALL_OF_THEM
