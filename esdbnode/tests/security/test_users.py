"""The users file, and `esdbnode add-user`, which writes it."""

import errno
import json
import os
import re
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from esdbnode.security import users
from esdbnode.security.passwords import matches
from esdbnode.security.refusal import CannotSecure
from esdbnode.wording import startup
from tests.command import esdbnode, refusal
from tests.messages import pattern_of


def add_user(*arguments: str | Path, password: bytes = b"secret\n") -> subprocess.CompletedProcess[bytes]:
    return esdbnode("add-user", *arguments, input=password)


def add_refused(*arguments: str | Path, password: bytes = b"secret\n") -> str:
    return refusal("add-user", *arguments, input=password)


def test_a_user_is_added_with_an_argon2id_hash_and_its_groups(tmp_path: Path) -> None:
    file = tmp_path / "users"
    ended = add_user("alice", "--users", file, "--group", "$admins", "--group", "clerks")
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert ended.stdout.decode() == f"{startup.user_added('alice', str(file))}\n"
    alice = users.load(file)["alice"]
    assert alice.roles == {"alice", "$admins", "clerks", "$all"}
    assert alice.hash.startswith("$argon2id$")
    assert matches(alice.hash, "secret")
    assert not matches(alice.hash, "secret\n")
    assert b"secret" not in file.read_bytes()


def test_a_known_user_gets_the_new_password_and_groups_and_the_others_stay(tmp_path: Path) -> None:
    file = tmp_path / "users"
    for name in ("alice", "bob"):
        add_user(name, "--users", file, "--group", "clerks")
    before = users.load(file)
    ended = add_user("alice", "--users", file, password=b"another")
    assert ended.stdout.decode() == f"{startup.user_changed('alice', str(file))}\n"
    after = users.load(file)
    assert after["bob"] == before["bob"]
    assert matches(after["alice"].hash, "another")
    assert after["alice"].roles == {"alice", "$all"}


def test_the_file_is_for_its_owner_only_and_nothing_else_is_left(tmp_path: Path) -> None:
    users.add(tmp_path / "users", "alice", "secret", [])
    os.chmod(tmp_path / "users", 0o644)
    users.add(tmp_path / "users", "bob", "secret", [])
    assert stat.S_IMODE((tmp_path / "users").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["users"]


def test_users_that_are_added_at_once_are_all_kept(tmp_path: Path) -> None:
    with ThreadPoolExecutor() as pool:
        added = [pool.submit(add_user, "--users", tmp_path / "users", f"user{n}") for n in range(6)]
    for each in added:
        each.result()
    assert sorted(users.load(tmp_path / "users")) == [f"user{n}" for n in range(6)]


@pytest.mark.parametrize("name", ["", "a:b", "$admins", "a\nb", "\x00"], ids=repr)
def test_a_name_that_no_client_can_send_or_that_reads_as_a_group_is_refused(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(CannotSecure, match=re.escape(startup.not_a_user_name(name))):
        users.add(tmp_path / "users", name, "secret", [])
    assert not (tmp_path / "users").exists()


def test_an_empty_password_is_refused(tmp_path: Path) -> None:
    said = add_refused("alice", "--users", tmp_path / "users", password=b"\n")
    assert said == startup.PASSWORD_MISSING
    assert not (tmp_path / "users").exists()


def test_a_password_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    said = add_refused("alice", "--users", tmp_path / "users", password=b"\xff\n")
    assert said == startup.PASSWORD_NOT_UTF8


def test_an_empty_group_is_refused(tmp_path: Path) -> None:
    said = add_refused("alice", "--users", tmp_path / "users", "--group", "")
    assert said == startup.not_a_group_name("")


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    said = add_refused("alice", "--users", tmp_path / "none" / "users")
    assert said == startup.cannot_use_folder(str(tmp_path / "none"), os.strerror(errno.ENOENT))


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    said = add_refused("alice", "--users", tmp_path)
    assert said == startup.cannot_read_users(str(tmp_path), os.strerror(errno.EISDIR))


def test_a_missing_users_option_is_bad_usage() -> None:
    assert "--users" in add_refused("alice")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b'{"users": []}',
        b'{"users": {"a": {}}}',
        b'{"users": {"a": {"hash": "secret", "groups": []}}}',
        b'{"users": {"a": {"hash": "$argon2i$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2g", "groups": []}}}',
    ],
    ids=repr,
)
def test_a_damaged_file_is_refused_and_left_as_it_was(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "users"
    file.write_bytes(content)
    with pytest.raises(CannotSecure, match=pattern_of(startup.users_damaged, file=str(file))):
        users.load(file)
    said = add_refused("alice", "--users", file)
    assert re.fullmatch(pattern_of(startup.users_damaged_before_adding, file=str(file)), said)
    assert file.read_bytes() == content


def test_groups_that_are_no_list_of_names_are_damage(tmp_path: Path) -> None:
    file = tmp_path / "users"
    users.add(file, "alice", "secret", [])
    entries = json.loads(file.read_bytes())
    entries["users"]["alice"]["groups"] = "$admins"
    file.write_text(json.dumps(entries))
    said = startup.users_damaged(str(file), startup.groups_not_names("alice"))
    with pytest.raises(CannotSecure, match=re.escape(said)):
        users.load(file)


def test_a_file_without_users_is_refused(tmp_path: Path) -> None:
    (tmp_path / "users").write_text('{"users": {}}')
    with pytest.raises(CannotSecure, match=re.escape(startup.no_users(str(tmp_path / "users")))):
        users.load(tmp_path / "users")
