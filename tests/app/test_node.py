"""`daybook node` and `daybook node-user` run the node's own commands, with a file in the data folder."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from esdbclient import EventStoreDBClient, NewEvent, StreamState

from app.messages.running import data_folder_of_node_unusable
from esdbnode.security import users
from esdbnode.wording.datafile import no_file
from tests.kit.messages import pattern_of
from tests.kit.node import PROJECT, Node

NODE = (sys.executable, "-m", "app", "node")


def run(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "app", *arguments]
    return subprocess.run(command, cwd=PROJECT, input=given, capture_output=True, text=True, timeout=30)


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data"
    monkeypatch.setenv("DAYBOOK_DATA", str(folder))
    return folder


def test_it_keeps_its_log_in_the_data_folder(data: Path) -> None:
    started = subprocess.Popen(
        [*NODE, "--port", "0"], cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    with started as process:
        assert process.stdout
        line = process.stdout.readline()
        assert line.startswith("Node is up at 127.0.0.1:")
        with EventStoreDBClient(f"esdb://{line.split()[-1]}?Tls=false") as client:
            event = NewEvent(type="Happened", data=b"{}")
            client.append_to_stream("s", current_version=StreamState.NO_STREAM, events=event)
        process.terminate()
        assert process.wait(10) == 0
    found = json.loads(run("node", "--verify", "--json").stdout)
    assert (found["file"], found["events"]) == (str(data / "node.sqlite"), 1)


def test_in_memory_it_needs_no_data_folder(data: Path) -> None:
    node = Node(program=NODE)
    node.start()
    assert node.stop() == 0
    assert not data.exists()


@pytest.mark.parametrize("looking", [["--verify"], ["--backup", "copy"]], ids=str)
def test_a_command_that_only_reads_creates_no_data_folder(data: Path, looking: list[str]) -> None:
    refused = run("node", *looking)
    assert refused.returncode == 1
    assert refused.stderr == no_file(str(data / "node.sqlite")) + "\n"
    assert not data.exists()


def test_a_data_folder_that_cannot_be_made_is_refused(data: Path) -> None:
    data.touch()
    refused = run("node", "--port", "0")
    assert refused.returncode == 2
    assert re.search(pattern_of(data_folder_of_node_unusable, folder=str(data)), refused.stderr)


def test_a_user_of_the_node_is_added(tmp_path: Path) -> None:
    file = tmp_path / "users"
    added = run("node-user", "alice", "--users", str(file), "--group", "$admins", given="secret\n")
    assert (added.returncode, added.stderr) == (0, "")
    assert users.load(file)["alice"].is_admin
