"""Disks that are full, and disks that fail."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from esdbclient import EventStoreDBClient, NewEvent, StreamState
from esdbclient.exceptions import EventStoreDBClientException

from esdbnode.testing import PROGRAM, Node, start_node
from esdbnode.wording import datafile
from tests.messages import pattern_of

IN_A_SMALL_DISK = ["unshare", "-rm", "sh", "-c", 'mount -t tmpfs -o size=4m tmpfs "$0" && exec "$@"']
FAILING_DISK = str(Path(__file__).with_name("failing_disk.py"))
SMALL = 200_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    """A folder for a mount that only the node sees; other processes reach it through /proc."""
    tried = subprocess.run([*IN_A_SMALL_DISK, str(tmp_path), "true"], capture_output=True, text=True)
    if tried.returncode:
        pytest.skip(f"this kernel lets us mount no small disk: {tried.stderr.strip()}")
    return tmp_path


@pytest.fixture
def failing(tmp_path: Path) -> Iterator[Node]:
    program = [sys.executable, "-P", FAILING_DISK, str(tmp_path / "broken")]
    with start_node(tmp_path / "log.db", program=program) as node:
        yield node


def some(size: int = SMALL) -> NewEvent:
    return NewEvent(type="T", data=b'"%s"' % (b"x" * size))


def test_a_full_disk_is_reported_while_reads_work_and_writes_resume_with_free_space(small_disk: Path) -> None:
    data = small_disk / "log.db"
    program = [*IN_A_SMALL_DISK, str(small_disk), *PROGRAM]
    with start_node(data, program=program) as node, EventStoreDBClient(uri=node.uri) as client:
        disk = Path(f"/proc/{node.process.pid}/root{small_disk}")
        acknowledged = _fill_until_refused(client, disk)
        assert [event.id for event in client.get_stream("s")] == acknowledged
        with pytest.raises(EventStoreDBClientException, match=re.escape(datafile.DISK_FULL)):
            client.append_to_stream("s", current_version=len(acknowledged) - 1, events=some())
        (disk / "filler").unlink()
        for _ in range(3):
            event = some()
            client.append_to_stream("s", current_version=len(acknowledged) - 1, events=event)
            acknowledged.append(event.id)
        assert [event.id for event in client.get_stream("s")] == acknowledged
        with EventStoreDBClient(uri=node.uri) as other:
            assert [event.id for event in other.read_all()] == acknowledged


def _fill_until_refused(client: EventStoreDBClient, disk: Path) -> list[object]:
    acknowledged: list[object] = []
    room = os.statvfs(disk)
    (disk / "filler").write_bytes(bytes(room.f_bavail * room.f_frsize - 5 * SMALL))

    def fill() -> None:
        for number in range(100):
            event = some()
            expected = number - 1 if number else StreamState.NO_STREAM
            client.append_to_stream("s", current_version=expected, events=event)
            acknowledged.append(event.id)

    with pytest.raises(EventStoreDBClientException, match=re.escape(datafile.DISK_FULL)):
        fill()
    assert acknowledged
    return acknowledged


def test_a_disk_that_fails_ends_the_node_before_it_acknowledges(failing: Node, tmp_path: Path) -> None:
    with EventStoreDBClient(uri=failing.uri) as client:
        kept = some()
        client.append_to_stream("s", current_version=StreamState.NO_STREAM, events=kept)
        (tmp_path / "broken").touch()
        with pytest.raises(EventStoreDBClientException):
            client.append_to_stream("s", current_version=0, events=some(), timeout=5)
        assert failing.process.wait(5) == 70
        assert re.search(pattern_of(datafile.disk_failed), failing.errors())
    (tmp_path / "broken").unlink()
    failing.kill()
    failing.start()
    with EventStoreDBClient(uri=failing.uri) as client:
        assert client.get_stream("s")[0].id == kept.id


def test_a_disk_that_fails_while_the_log_is_moved_into_the_file_ends_the_node_too(
    failing: Node, tmp_path: Path
) -> None:
    """SQLite by itself would not report it."""
    with EventStoreDBClient(uri=failing.uri) as client:

        def append(times: int) -> None:
            for _ in range(times):
                client.append_to_stream("s", current_version=StreamState.ANY, events=some(900_000), timeout=5)

        append(15)
        (tmp_path / "broken-data").touch()
        with pytest.raises(EventStoreDBClientException):
            append(10)
        assert failing.process.wait(5) == 70
