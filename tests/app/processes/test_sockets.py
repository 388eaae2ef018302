"""The place of the servers' sockets: the data folder, or else a private folder with a short path."""

import os
import pwd
import re
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from esdbclient import EventStoreDBClient

from app.messages import running as messages
from app.processes.addresses import servers
from app.processes.sockets import sockets
from app.refusal import Refusal
from app.settings import Settings


@pytest.fixture(autouse=True)
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The system's folder for temporary files."""
    with tempfile.TemporaryDirectory(prefix="dt-") as folder:
        monkeypatch.setenv("TMPDIR", folder)
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)


@pytest.fixture
def short() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="dd-", dir="/tmp") as folder:
        yield Path(folder)


def deep(folder: Path) -> Path:
    made = folder / ("d" * 100) / ("e" * 100)
    made.mkdir(parents=True)
    return made


def test_they_are_in_the_data_folder(short: Path) -> None:
    with sockets(short) as found:
        assert {path.parent for path in found} == {short}


def test_what_a_killed_server_left_is_removed(short: Path) -> None:
    for name in ("node.socket", "valkey.socket"):
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(str(short / name))
    with sockets(short):
        pass
    assert list(short.iterdir()) == []


@pytest.mark.parametrize("name", ["with, comma", "not-text-\udcff"])
def test_a_path_that_is_no_address_is_not_used(short: Path, temporary: Path, name: str) -> None:
    data = short / name
    data.mkdir()
    with sockets(data) as found:
        assert {path.parent.parent for path in found} == {temporary}
    assert list(data.iterdir()) == []


def test_with_a_long_path_they_are_in_a_private_folder_for_as_long_as_they_are_needed(
    short: Path, temporary: Path
) -> None:
    data = deep(short)
    with sockets(data) as first:
        (folder,) = {path.parent for path in first}
        assert folder.parent == temporary
        assert folder.stat().st_mode & 0o777 == 0o700
    assert list(temporary.iterdir()) == []
    with sockets(data) as again, sockets(deep(short / "other")) as other:
        assert again == first
        assert other.node.parent != first.node.parent


def test_commands_find_the_servers_of_a_folder_with_a_long_path(short: Path) -> None:
    data = deep(short)
    with servers(Settings(data=data)) as own, servers(Settings(data=data)) as found:
        assert (own.esdb_uri, own.redis_url) == (found.esdb_uri, found.redis_url)
        with EventStoreDBClient(found.esdb_uri) as log, redis.Redis.from_url(found.redis_url) as client:
            assert log.get_commit_position() == 0
            assert client.ping()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to another user")
@pytest.mark.parametrize("link", [False, True])
def test_a_folder_that_another_user_has_put_there_is_refused(
    short: Path, temporary: Path, link: bool
) -> None:
    data = deep(short)
    with sockets(data) as found:
        folder = found.node.parent
    if link:
        folder.symlink_to(short)
    else:
        folder.mkdir()
    os.lchown(folder, pwd.getpwnam("nobody").pw_uid, -1)
    with (
        pytest.raises(Refusal, match=re.escape(messages.owned_by_another(str(folder), "nobody"))),
        sockets(data),
    ):
        pass


def test_without_any_place_for_them_the_refusal_says_what_to_do(
    short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = deep(short)
    monkeypatch.setattr(tempfile, "tempdir", str(data))
    with pytest.raises(Refusal, match=f"neither {re.escape(str(data))} nor "), sockets(data):
        pass
