"""`daybook user`, with servers that it starts itself."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import pytest

from app.messages import people as messages
from domain.users import messages as on_users
from tests.kit.node import PROJECT
from web.messages_on_people import no_user


class Done(NamedTuple):
    code: int
    printed: str
    error: str

    @property
    def answer(self) -> Any:
        assert self.code == 0, self.error
        return json.loads(self.printed)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("user")


def user(data: Path, *arguments: str) -> Done:
    done = subprocess.run(
        [sys.executable, "-m", "app", "user", *arguments, "--data", str(data)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def test_a_person_is_created_changed_found_and_deleted(data: Path) -> None:
    key = str(uuid4())
    create = (
        "create",
        "--id",
        "anna",
        "--name",
        "Anna Nová",
        "--phone",
        "112",
        "--command-id",
        key,
        "--json",
    )
    first, again = user(data, *create).answer, user(data, *create).answer
    assert first == again
    assert (first["user_id"], first["revision"]) == ("anna", 0)
    assert user(data, "update", "anna", "--email", "a@b.cz", "--phone", "", "--json").answer["revision"] == 1
    shown = user(data, "show", "anna", "--json").answer
    assert (shown["name"], shown["email"], shown["phone"]) == ("Anna Nová", "a@b.cz", None)
    assert user(data, "search", "nov", "ann", "--json").answer["users"] == [shown]
    assert user(data, "entries", "anna", "--json").answer["entries"] == []
    assert "Anna Nová" in user(data, "search").printed
    assert user(data, "delete", "anna").code == 0
    gone = user(data, "show", "anna")
    assert (gone.code, gone.printed) == (1, "")
    assert no_user("anna") in gone.error
    assert user(data, "search", "ann", "--json").answer == {"users": []}
    retired = user(data, "create", "--id", "anna", "--name", "Eva")
    assert retired.code == 1
    assert on_users.user_id_retired("anna") in retired.error


@pytest.mark.parametrize(
    "arguments", [(), ("create",), ("frob",), ("show",), ("delete", "anna", "--if-match", "x")]
)
def test_wrong_usage_ends_with_2(data: Path, arguments: tuple[str, ...]) -> None:
    done = user(data, *arguments)
    assert (done.code, done.printed) == (2, "")
    assert done.error.count("\n") == 1


def test_a_dry_run_records_nothing_and_a_command_can_name_the_revision(data: Path) -> None:
    tried = ("create", "--id", "eva", "--name", "Eva", "--dry-run")
    assert user(data, *tried, "--json").answer == {"user_id": "eva", "revision": 0, "dry_run": True}
    assert messages.DRY_RUN in user(data, *tried).printed
    assert user(data, "show", "eva").code == 1
    assert user(data, "create", "--id", "eva", "--name", "Eva").code == 0
    late = user(data, "update", "eva", "--phone", "112", "--if-match", "7")
    assert (late.code, late.printed) == (1, "")
    assert "revision 0" in late.error
    assert user(data, "delete", "eva", "--if-match", "0", "--json").answer["revision"] == 1


def test_data_that_is_not_valid_is_refused(data: Path) -> None:
    done = user(data, "create", "--name", "Anna", "--email", "nothing")
    assert done.code == 1
    assert on_users.not_an_email(254) in done.error
