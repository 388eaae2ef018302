"""The proof of a deletion, with all parts real: nobody can read who was deleted, not even in older copies.

Copies of the log and of Redis from before the deletion are served with the key store from after it.
"""

import asyncio
import base64
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx
import pytest

from app.processes.keys import FOLDER
from commands.accounts import Accounts
from commands.holding import Holding
from commands.users import Users
from domain.accounts import CloseAccount
from domain.identifiers import AccountId
from eventstore.esdb import EsdbLog, EsdbStore
from eventstore.personal.sqlite import SqliteKeys
from eventstore.store import Recorded
from tests.kit.contexts import context_of
from tests.kit.projector import until
from tests.kit.stack import Stack, stack
from tests.kit.web import Api

USER: Final = "gone-1"
FIELDS: Final = {"name": "Xaverie Quöstlová", "email": "xq@quostl.example", "phone": "+420 987 654 321"}
PLAIN: Final = [text.encode() for text in (*FIELDS.values(), "Xaverie", "Quöstlová", "xaverie", "quöstlová")]


class World:
    """`before`: the log and Redis as they were before the deletion. `key` was the person's."""

    def __init__(self, folder: Path) -> None:
        self.data, self.before = folder / "data", folder / "before"
        self.key = b""
        self.lines: list[str] = []
        self.account: dict[str, Any] = {}

    def live(self) -> None:
        """The person is created, changed and found, gets an account and has it closed; a copy is made."""
        with stack(self.data) as running:
            api = Api(running.url)
            for path, body in (
                ("/api/users", {"user_id": USER, **FIELDS}),
                ("/api/users", {"name": "Eva Nová"}),
            ):
                assert api.post(path, body).status_code == 201
            opened = api.post("/api/accounts", {"currency": "CZK", "user_id": USER}).json()
            other = api.deposit("other", "50.00")
            for q in ("xaverie", "quö", "Quöstlová x"):
                answer = api.http.get("/api/users", params={"q": q, "min_position": other["position"]})
                assert [each["user_id"] for each in answer.json()["users"]] == [USER], answer.text
            assert FIELDS["name"] in page(running, f"/users/{USER}") + page(running, "/users?q=xaverie")
            asyncio.run(close(running, self.data, opened["account_id"]))
            self.key = key_of(self.data)
            self._end(running, api)
        shutil.copytree(self.data, self.before, ignore=shutil.ignore_patterns(FOLDER, "lock"))

    def delete(self) -> None:
        with stack(self.data) as running:
            api = Api(running.url)
            answer = api.http.delete(f"/api/users/{USER}")
            assert answer.status_code == 200, answer.text
            check_gone(running, api)
            self.account = api.shown("other", 0)
            self._end(running, api)

    def restore(self) -> None:
        """The log and Redis from before, with the keys from after."""
        shutil.copytree(self.data / FOLDER, self.before / FOLDER)

    def _end(self, running: Stack, api: Api) -> None:
        api.http.close()
        running.stop()
        self.lines += running.lines


def page(running: Stack, path: str) -> str:
    answer = httpx.get(running.url + path, headers={"Accept": "text/html"}, timeout=10, trust_env=False)
    return answer.text


async def close(running: Stack, data: Path, account_id: str) -> None:
    """The account, as another process does."""
    keys, store = SqliteKeys(data / FOLDER), EsdbStore(running.esdb_uri)
    accounts = Accounts(store)
    command = CloseAccount(account_id=AccountId(account_id), command_id=uuid4())
    await Holding(accounts, Users(store, keys)).close(command, context_of(command))
    await store.close()
    keys.close()


def key_of(data: Path) -> bytes:
    keys = SqliteKeys(data / FOLDER)
    key = keys.get(USER)
    keys.close()
    assert key is not None
    return key


def check_gone(running: Stack, api: Api) -> None:
    assert api.http.get(f"/api/users/{USER}").status_code == 404

    def answered() -> bool:
        return api.http.get("/api/users", params={"q": "eva"}).status_code == 200

    until(answered, 20)
    for q in ("xav", "quö"):
        assert api.http.get("/api/users", params={"q": q}).json() == {"users": []}
    for path in ("/users", "/users?q=xaverie", f"/users/{USER}", "/", "/api/users"):
        assert "Quöstl" not in page(running, path)
        assert "quostl" not in page(running, path)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAYBOOK_LOG", "debug")
        made = World(tmp_path_factory.mktemp("deleted"))
        made.live()
        made.delete()
        made.restore()
        yield made


def files_with(folder: Path, secrets: list[bytes]) -> list[str]:
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert len(files) > 3
    return [
        f"{file.relative_to(folder)}: {secret!r}"
        for file in files
        for secret in secrets
        if secret in file.read_bytes()
    ]


def in_forms(key: bytes) -> list[bytes]:
    """The key, halves of it, and how it might be written as text."""
    text = [
        key.hex(),
        base64.b64encode(key).decode().rstrip("="),
        base64.urlsafe_b64encode(key).decode().rstrip("="),
    ]
    return [key[:16], key[16:], *(each.encode() for each in text)]


def test_no_file_of_the_data_folder_has_the_name_or_the_key(world: World) -> None:
    assert files_with(world.data, [*PLAIN, *in_forms(world.key)]) == []


def test_no_line_of_the_log_of_any_process_has_the_name_or_the_key(world: World) -> None:
    lines = "\n".join(world.lines).encode()
    assert b"200 after" in lines
    assert [secret for secret in (*PLAIN, *in_forms(world.key)) if secret in lines] == []


def test_copies_from_before_the_deletion_never_had_the_name(world: World) -> None:
    assert files_with(world.before, [*PLAIN, *in_forms(world.key)]) == []


def test_copies_from_before_show_nobody_with_the_keys_from_after(world: World) -> None:
    with stack(world.before) as running:
        api = Api(running.url)
        check_gone(running, api)
        events = sealed_events(running)
        api.http.close()
    assert [each for each in events if any(plain in each.data + each.metadata for plain in PLAIN)] == []
    assert any(each.type == "UserCreated" for each in events)


def sealed_events(running: Stack) -> list[Recorded]:
    log = EsdbLog(running.esdb_uri)
    found = [each for each in log.read(prefixes=(f"user-{USER}",), after=None) if isinstance(each, Recorded)]
    log.close()
    return found


def test_balances_stay(world: World) -> None:
    assert (world.account["balance"], world.account["currency"]) == ("50.00", "CZK")
