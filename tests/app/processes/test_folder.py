"""The data folder belongs to one user."""

import os
import pwd
import re
from pathlib import Path

import pytest

from app.messages import running as messages
from app.processes.folder import make_private
from app.processes.web import kept_secret
from app.refusal import Refusal

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to another user")


def give_to_nobody(path: Path) -> None:
    os.chown(path, pwd.getpwnam("nobody").pw_uid, -1)


@needs_root
def test_a_folder_of_another_user_is_refused(tmp_path: Path) -> None:
    give_to_nobody(tmp_path)
    refusal = messages.owned_by_another(str(tmp_path), "nobody")
    with pytest.raises(Refusal, match=re.escape(refusal)) as refused:
        make_private(tmp_path)
    assert refused.value.code == 2


@needs_root
@pytest.mark.parametrize(
    "name", ["secret", "lock", "node.sqlite", "addresses.json", "keys", "valkey", "uploads"]
)
def test_a_part_that_another_user_has_put_there_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    give_to_nobody(tmp_path / name)
    with pytest.raises(Refusal, match=re.escape(messages.owned_by_another(str(tmp_path / name), "nobody"))):
        make_private(tmp_path)


@needs_root
def test_other_things_in_it_may_belong_to_anybody(tmp_path: Path) -> None:
    (tmp_path / "letter").touch()
    give_to_nobody(tmp_path / "letter")
    make_private(tmp_path)


@pytest.mark.parametrize("mode", [0o777, 0o1777])
def test_a_folder_in_which_everybody_writes_is_refused(tmp_path: Path, mode: int) -> None:
    (tmp_path / "letter").touch()
    tmp_path.chmod(mode)
    with pytest.raises(Refusal, match=re.escape(messages.writable_by_others(str(tmp_path)))):
        make_private(tmp_path)
    assert tmp_path.stat().st_mode & 0o7777 == mode


def test_a_folder_with_nothing_else_in_it_is_closed(tmp_path: Path) -> None:
    (tmp_path / "secret").touch(mode=0o666)
    tmp_path.chmod(0o777)
    make_private(tmp_path)
    assert tmp_path.stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "secret").stat().st_mode & 0o077 == 0


def test_a_secret_that_others_can_read_is_closed_to_them(tmp_path: Path) -> None:
    secret = kept_secret(tmp_path)
    (tmp_path / "secret").chmod(0o644)
    assert kept_secret(tmp_path) == secret
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600
