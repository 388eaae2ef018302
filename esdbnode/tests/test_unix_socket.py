"""A node on a Unix socket: only its own user can connect, and nothing stays behind."""

import errno
import os
import pwd
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from esdbclient import AsyncEventStoreDBClient, EventStoreDBClient, NewEvent, StreamState

from esdbnode.testing import PROGRAM, environment
from esdbnode.wording import startup
from tests.command import refusal

HAPPENED = NewEvent(type="Happened", data=b"{}")
CONNECT = """
import os, socket, sys
os.setgroups([]); os.setgid(int(sys.argv[2])); os.setuid(int(sys.argv[2]))
try:
    socket.socket(socket.AF_UNIX).connect(sys.argv[1])
except PermissionError:
    print("refused")
"""


@contextmanager
def node_on(path: Path, umask: int = -1) -> Iterator[subprocess.Popen[str]]:
    command = [*PROGRAM, "--memory", "--socket", str(path)]
    with subprocess.Popen(
        command, env=environment(), stdout=subprocess.PIPE, text=True, umask=umask
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == f"Node is up at unix:{path}\n"
            yield process
        finally:
            process.kill()


def uri(path: Path, scheme: str = "esdb") -> str:
    return f"{scheme}://unix:{quote(str(path), safe='')}?Tls=false"


def test_clients_use_it_by_its_path_whatever_characters_are_in_it(tmp_path: Path) -> None:
    path = tmp_path / "sp ace ü?#@%+;"
    with node_on(path), EventStoreDBClient(uri(path)) as client:
        client.append_to_stream("s", current_version=StreamState.NO_STREAM, events=HAPPENED)
        assert [event.type for event in client.get_stream("s")] == ["Happened"]


async def test_asynchronous_clients_use_it(tmp_path: Path) -> None:
    with node_on(tmp_path / "s"):
        client = AsyncEventStoreDBClient(uri(tmp_path / "s"))
        await client.connect()
        await client.append_to_stream("s", current_version=StreamState.NO_STREAM, events=[HAPPENED])
        assert [event.type for event in await client.get_stream("s")] == ["Happened"]
        await client.close()


def test_gossip_is_answered_there(tmp_path: Path) -> None:
    with node_on(tmp_path / "s"), EventStoreDBClient(uri(tmp_path / "s")) as client:
        (member,) = client.read_gossip()
        assert member.state == "NODE_STATE_LEADER"


def test_only_its_owner_may_connect_whatever_the_umask(tmp_path: Path) -> None:
    with node_on(tmp_path / "s", umask=0):
        assert (tmp_path / "s").stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_cannot_connect() -> None:
    """Its folder is open to everyone, so that only the socket itself can be what refuses."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "s")
        path.parent.chmod(0o755)
        with node_on(path, umask=0):
            command = [sys.executable, "-c", CONNECT, str(path), str(pwd.getpwnam("nobody").pw_uid)]
            assert subprocess.check_output(command, text=True) == "refused\n"


def test_the_socket_is_gone_after_the_node(tmp_path: Path) -> None:
    with node_on(tmp_path / "s") as process:
        process.terminate()
        assert process.wait(10) == 0
    assert not (tmp_path / "s").exists()


def test_the_socket_of_a_killed_node_is_used_again(tmp_path: Path) -> None:
    with node_on(tmp_path / "s") as process:
        process.kill()
        process.wait(10)
    assert (tmp_path / "s").is_socket()
    with node_on(tmp_path / "s"), EventStoreDBClient(uri(tmp_path / "s")) as client:
        assert client.get_commit_position() == 0


def test_a_client_reconnects_after_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with EventStoreDBClient(uri(path)) as client:
        for _ in range(2):
            with node_on(path):
                client.append_to_stream("s", current_version=StreamState.ANY, events=HAPPENED)


def test_a_socket_on_which_another_node_listens_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with node_on(path):
        said = refusal("--memory", "--socket", path)
        assert said == startup.cannot_make_socket(str(path), startup.IN_USE)
        with EventStoreDBClient(uri(path)) as client:
            assert client.get_commit_position() == 0


def test_a_file_is_not_replaced_by_a_socket(tmp_path: Path) -> None:
    path = tmp_path / "letter"
    path.write_text("dear")
    said = refusal("--memory", "--socket", path)
    assert said == startup.cannot_make_socket(str(path), os.strerror(errno.EEXIST))
    assert path.read_text() == "dear"


def test_a_path_that_is_too_long_is_refused(tmp_path: Path) -> None:
    path = tmp_path / ("s" * 110)
    with socket.socket(socket.AF_UNIX) as probe, pytest.raises(OSError, match="too long") as system:
        probe.bind(str(path))
    said = refusal("--memory", "--socket", path)
    assert said == startup.cannot_make_socket(str(path), str(system.value))


def test_a_port_and_a_socket_are_not_given_together(tmp_path: Path) -> None:
    assert "not allowed with argument --port" in refusal(
        "--memory", "--port", "1", "--socket", tmp_path / "s"
    )
