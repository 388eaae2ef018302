"""Backups of a log that is being written, and the command line's way to them."""

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from esdbclient import EventStoreDBClient, NewEvent, StreamState

from embedded.storage import backup
from embedded.storage.backup import CannotBackUp, back_up
from embedded.storage.checking import Report, verify
from tests.kit.node import PROJECT, start_node


def daybook_node(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "daybook", "node", *map(str, arguments)]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=30)


def test_a_backup_of_a_log_being_written_holds_what_was_there_and_nothing_torn(tmp_path: Path) -> None:
    data, written, stop = tmp_path / "log.db", [0], threading.Event()

    def write() -> None:
        with EventStoreDBClient(uri=node.uri) as client:
            while not stop.is_set():
                batch = [NewEvent(type="T", data=b'"%s"' % (b"x" * 1_000)) for _ in range(7)]
                client.append_to_stream("s", current_version=StreamState.ANY, events=batch)
                written[0] += 7

    with start_node(data) as node:
        writer = threading.Thread(target=write)
        writer.start()
        try:
            for number in range(8):
                before = written[0]
                copy = tmp_path / f"backup-{number}.db"
                back_up(data, copy)
                found = verify(copy)
                assert before <= found.events <= written[0] + 7
                assert found.events % 7 == 0
                assert found.problems == []
        finally:
            stop.set()
            writer.join(20)
        assert verify(data) == Report(written[0], 1, [])
    assert written[0] > 100
    with start_node(copy) as node, EventStoreDBClient(uri=node.uri) as client:
        assert len(client.get_stream("s")) == found.events
    assert sorted(path.name for path in tmp_path.glob(".*")) == []


def test_the_command_line_backs_up_and_verifies_a_log_in_use(tmp_path: Path) -> None:
    data, copy = tmp_path / "log.db", tmp_path / "backup.db"
    with start_node(data) as node, EventStoreDBClient(uri=node.uri) as client:
        client.append_to_stream("s", current_version=StreamState.ANY, events=NewEvent(type="T", data=b"{}"))
        made = daybook_node("--backup", copy, "--data", data)
        assert (made.returncode, made.stderr) == (0, "")
        assert str(copy) in made.stdout
        again = daybook_node("--backup", copy, "--data", data)
        assert again.returncode == 1
        assert "exists already" in again.stderr
        assert "1 events in 1 streams, intact" in daybook_node("--verify", "--data", data).stdout
    raw = copy.read_bytes()
    copy.write_bytes(raw[:9_000] + b"X" + raw[9_001:])
    damaged = daybook_node("--verify", "--data", copy)
    assert damaged.returncode == 1
    assert "restore a backup" in damaged.stdout
    report = daybook_node("--verify", "--json", "--data", copy)
    assert json.loads(report.stdout)["problems"]
    missing = daybook_node("--verify", "--data", tmp_path / "none.db")
    assert missing.returncode == 1
    assert "There is no data file" in missing.stderr


def test_a_backup_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "log.db"
    with start_node(data) as node, EventStoreDBClient(uri=node.uri) as client:
        event = NewEvent(type="T", data=b"x" * 50_000)
        client.append_to_stream("s", current_version=StreamState.ANY, events=event)
        assert node.stop() == 0
    raw = data.read_bytes()
    data.write_bytes(raw[:20_000] + b"X" + raw[20_001:])
    with pytest.raises(CannotBackUp, match="damaged"):
        back_up(data, tmp_path / "backup.db")
    with pytest.raises(CannotBackUp, match="folder"):
        back_up(data, tmp_path / "none" / "backup.db")
    data.write_bytes(raw)

    def fail(_: Path) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(backup, "sync", fail)
    with pytest.raises(CannotBackUp, match="Input/output error"):
        back_up(data, tmp_path / "backup.db")
    assert not list(tmp_path.glob("*backup*"))
