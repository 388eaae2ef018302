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


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder with a file in it, which others may read."""
    folder = tmp_path / "elsewhere"
    folder.mkdir(mode=0o755)
    (folder / "letter").touch(mode=0o644)
    return folder


def is_open(folder: Path) -> bool:
    return [path.stat().st_mode & 0o777 for path in (folder, folder / "letter")] == [0o755, 0o644]


@pytest.mark.parametrize("is_mine", [True, pytest.param(False, marks=needs_root)])
@pytest.mark.parametrize("mode", [0o700, 0o770, 0o777])
@pytest.mark.parametrize("name", ["keys", "uploads", "valkey", "keys/letter", "uploads/letter", "secret"])
def test_a_link_is_refused_and_what_it_leads_to_stays_as_it_is(
    tmp_path: Path, elsewhere: Path, name: str, mode: int, is_mine: bool
) -> None:
    data = tmp_path / "data"
    link = data / name
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(elsewhere if name in ("keys", "uploads", "valkey") else elsewhere / "letter")
    if not is_mine:
        os.chown(link, pwd.getpwnam("nobody").pw_uid, -1, follow_symlinks=False)
    data.chmod(mode)
    refusal = messages.is_a_link(str(link)) if is_mine else messages.owned_by_another(str(link), "nobody")
    with pytest.raises(Refusal, match=re.escape(refusal)):
        make_private(data)
    assert is_open(elsewhere)
    assert data.stat().st_mode & 0o777 == mode


@needs_root
def test_nothing_is_changed_in_a_folder_that_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").touch()
    (tmp_path / "secret").chmod(0o644)
    (tmp_path / "uploads").mkdir()
    give_to_nobody(tmp_path / "uploads")
    with pytest.raises(Refusal):
        make_private(tmp_path)
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o644


def test_the_data_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    folder, link = tmp_path / "folder", tmp_path / "link"
    folder.mkdir(mode=0o755)
    link.symlink_to(folder)
    make_private(link)
    assert folder.stat().st_mode & 0o777 == 0o700


@needs_root
def test_a_link_of_another_user_is_no_data_folder(tmp_path: Path, elsewhere: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(elsewhere)
    os.chown(link, pwd.getpwnam("nobody").pw_uid, -1, follow_symlinks=False)
    with pytest.raises(Refusal, match=re.escape(messages.owned_by_another(str(link), "nobody"))):
        make_private(link)
    assert is_open(elsewhere)


def test_a_secret_that_others_can_read_is_closed_to_them(tmp_path: Path) -> None:
    secret = kept_secret(tmp_path)
    (tmp_path / "secret").chmod(0o644)
    assert kept_secret(tmp_path) == secret
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600
