"""The pytest plugin, as tests of other projects use it."""

import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from esdbnode.testing import environment

TESTS = """
from uuid import uuid4

from esdbclient import EventStoreDBClient, NewEvent, StreamState

streams = [f"order-{uuid4()}" for _ in range(2)]


def append(client, stream):
    event = NewEvent(type="OrderPlaced", data=b"{}")
    client.append_to_stream(stream, current_version=StreamState.NO_STREAM, events=event)


def test_a_client_appends(esdb_client):
    append(esdb_client, streams[0])
    assert len(esdb_client.get_stream(streams[0])) == 1


def test_the_next_test_has_a_client_of_the_same_node(esdb_client, esdb_uri):
    append(esdb_client, streams[1])
    with EventStoreDBClient(esdb_uri) as other:
        assert [event.stream_name for event in other.read_all()] == streams
"""
NOTES = """
from pathlib import Path


def test_where_the_node_is(esdb_uri):
    Path("uri").write_text(esdb_uri)
"""
UNUSED = """
import sys


def test_nothing_is_imported_or_started_for_tests_that_use_no_fixture():
    assert not {"esdbclient", "grpc", "apsw", "esdbnode.testing"} & set(sys.modules)
"""


def run(folder: Path, test: str) -> str:
    """Without other installed plugins, and with warnings as errors."""
    (folder / "test_it.py").write_text(test)
    environ = {**environment(), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-P", "-m", "pytest", "-p", "esdbnode.pytest_plugin", "-W", "error", "-q"]
    ended = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def test_a_test_gets_a_connected_client_and_the_node_lasts_for_the_run(tmp_path: Path) -> None:
    assert "2 passed" in run(tmp_path, TESTS)


def test_the_examples_of_the_readme_pass(tmp_path: Path) -> None:
    readme = Path(__file__).parents[1] / "README.md"
    examples = re.findall(r"```python\n(.*?)```", readme.read_text(), re.DOTALL)
    assert f"{len(examples)} passed" in run(tmp_path, "\n\n".join(examples))


def test_tests_without_a_node_cost_nothing(tmp_path: Path) -> None:
    assert "1 passed" in run(tmp_path, UNUSED)


def test_no_node_is_left_when_the_tests_have_ended(tmp_path: Path) -> None:
    run(tmp_path, TESTS + NOTES)
    port = (tmp_path / "uri").read_text().rpartition(":")[2].partition("?")[0]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(port)), timeout=5)
