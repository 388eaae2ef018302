"""Rights on streams: EventStoreDB's rules, with a log in memory."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from esdbnode.access import Action
from esdbnode.security.rights import Rights
from esdbnode.security.users import User
from esdbnode.storage.log import Log
from esdbnode.streams.appends import append, server_event
from esdbnode.streams.deleting import tombstone
from esdbnode.streams.revisions import Expect

READ, WRITE, DELETE = Action.READ, Action.WRITE, Action.DELETE


def user(name: str, *groups: str) -> User:
    return User(name, "", frozenset((name, *groups, "$all")))


ADMIN, BY_GROUP = user("admin"), user("root", "$admins")
OPS, PLAIN, CLERK = user("ops", "$ops"), user("plain"), user("other", "clerks")


class LogWithRights:
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
async def secured() -> AsyncIterator[LogWithRights]:
    opened = LogWithRights()
    yield opened
    await opened.log.close()


@pytest.mark.parametrize("action", list(Action))
async def test_every_signed_in_user_may_do_anything_to_an_ordinary_stream(
    secured: LogWithRights, action: Action
) -> None:
    assert secured.who_may(action, "s") == ALL_OF_THEM


@pytest.mark.parametrize("action", list(Action))
async def test_only_administrators_may_do_anything_to_a_system_stream(
    secured: LogWithRights, action: Action
) -> None:
    assert secured.who_may(action, "$s") == ["admin"]
    assert secured.rights.may(BY_GROUP, action, "$s")


@pytest.mark.parametrize("stream", ["s", "$s", "$$s", "$all", ""])
@pytest.mark.parametrize("action", list(Action))
async def test_a_caller_who_is_not_signed_in_may_do_nothing_whatever_the_acl_says(
    secured: LogWithRights, action: Action, stream: str
) -> None:
    for described in ("s", "$s", "$all"):
        await secured.acl(described, dict.fromkeys(("$r", "$w", "$d", "$mr", "$mw"), "$all"))
    assert not secured.rights.may(None, action, stream)


@pytest.mark.parametrize("all_streams", ["$all", ""])
async def test_administrators_may_read_all_and_no_one_may_write_it(
    secured: LogWithRights, all_streams: str
) -> None:
    assert secured.who_may(READ, all_streams) == ["admin"]
    assert secured.who_may(WRITE, all_streams) == secured.who_may(DELETE, all_streams) == []


async def test_an_acl_on_all_allows_others_to_read_it(secured: LogWithRights) -> None:
    await secured.acl("$all", {"$r": ["plain", "$admins"]})
    assert secured.who_may(READ, "$all") == secured.who_may(READ, "") == ["admin", "plain"]
    assert secured.who_may(WRITE, "$all") == []


async def test_an_acl_names_users_groups_or_everyone(secured: LogWithRights) -> None:
    await secured.acl("s", {"$r": "plain", "$w": ["clerks", "$ops"], "$d": "$all"})
    assert secured.who_may(READ, "s") == ["admin", "plain"]
    assert secured.who_may(WRITE, "s") == ["admin", "ops", "other"]
    assert secured.who_may(DELETE, "s") == ALL_OF_THEM


async def test_an_acl_that_names_no_one_leaves_administrators(secured: LogWithRights) -> None:
    await secured.acl("s", {"$r": []})
    assert secured.who_may(READ, "s") == ["admin"]


async def test_a_right_that_the_acl_leaves_out_is_the_default(secured: LogWithRights) -> None:
    await secured.acl("s", {"$r": "plain"})
    await secured.acl("$s", {"$r": "plain"})
    assert secured.who_may(WRITE, "s") == ALL_OF_THEM
    assert (secured.who_may(READ, "$s"), secured.who_may(WRITE, "$s")) == (["admin", "plain"], ["admin"])


async def test_a_metastream_is_read_and_written_by_the_metadata_rights_of_its_stream(
    secured: LogWithRights,
) -> None:
    await secured.acl("s", {"$r": [], "$w": [], "$mr": "plain", "$mw": "clerks"})
    assert (secured.who_may(READ, "$$s"), secured.who_may(WRITE, "$$s")) == (
        ["admin", "plain"],
        ["admin", "other"],
    )


async def test_a_metastream_of_a_system_stream_or_of_a_metastream_is_for_administrators(
    secured: LogWithRights,
) -> None:
    for stream in ("$$$s", "$$$$s", "$$$all"):
        assert secured.who_may(READ, stream) == secured.who_may(WRITE, stream) == ["admin"]


async def test_no_one_may_delete_a_metastream(secured: LogWithRights) -> None:
    assert secured.who_may(DELETE, "$$s") == []


async def test_a_change_of_the_acl_counts_at_once(secured: LogWithRights) -> None:
    for who in ("plain", "ops", "clerks"):
        await secured.acl("s", {"$r": who})
        assert secured.who_may(READ, "s") == ["admin", {"clerks": "other"}.get(who, who)]
    await secured.set("$$s", {})
    assert secured.who_may(READ, "s") == ALL_OF_THEM


async def test_a_tombstoned_stream_has_lost_its_acl(secured: LogWithRights) -> None:
    await secured.acl("s", {"$r": "plain"})
    assert secured.who_may(READ, "s") == ["admin", "plain"]
    await secured.log.submit(lambda transaction: tombstone(transaction, "s", Expect.ANY))
    assert secured.who_may(READ, "s") == ALL_OF_THEM


@pytest.mark.parametrize(
    "spoilt",
    [{"$r": 5}, {"$r": None}, {"$r": ["plain", 5]}, {"$r": [], "$x": []}, [], None, "plain"],
    ids=str,
)
async def test_an_invalid_acl_has_no_effect(secured: LogWithRights, spoilt: Any) -> None:
    await secured.acl("s", spoilt)
    assert secured.who_may(READ, "s") == ALL_OF_THEM


async def test_metadata_that_is_not_json_has_no_effect(secured: LogWithRights) -> None:
    await secured.set("$$s", {"$acl": {"$r": []}}, is_json=False)
    assert secured.who_may(READ, "s") == ALL_OF_THEM


async def test_settings_change_the_defaults_and_their_change_counts_at_once(secured: LogWithRights) -> None:
    assert secured.who_may(READ, "s") == ALL_OF_THEM
    await secured.set("$settings", {"$userStreamAcl": {"$r": "clerks"}, "$systemStreamAcl": {"$w": "$ops"}})
    assert (secured.who_may(READ, "s"), secured.who_may(WRITE, "s")) == (["admin", "other"], ALL_OF_THEM)
    assert (secured.who_may(READ, "$s"), secured.who_may(WRITE, "$s")) == (["admin"], ["admin", "ops"])
    await secured.acl("s", {"$r": "plain"})
    assert secured.who_may(READ, "s") == ["admin", "plain"]
    await secured.set("$settings", {"$userStreamAcl": 5})
    assert secured.who_may(READ, "t") == ALL_OF_THEM
