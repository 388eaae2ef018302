"""Backups of a log that is being written, also through the command line."""

import errno
import json
import os
import re
import stat
import threading
from itertools import count
from pathlib import Path

import pytest
from esdbclient import EventStoreDBClient, NewEvent, StreamState

from esdbnode.storage import backup
from esdbnode.storage.backup import CannotBackUp, back_up
from esdbnode.storage.checking import Report, verify
from esdbnode.testing import start_node
from esdbnode.wording import datafile
from tests.command import esdbnode
from tests.messages import pattern_of


def test_a_backup_of_a_log_that_is_being_written_is_complete_and_consistent(tmp_path: Path) -> None:
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
            for number in count():
                before = written[0]
                copy = tmp_path / f"backup-{number}.db"
                back_up(data, copy)
                found = verify(copy)
                assert before <= found.events <= written[0] + 7
                assert found.events % 7 == 0
                assert found.problems == []
                if number >= 7 and written[0] > 100:
                    break
        finally:
            stop.set()
            writer.join(20)
        assert verify(data) == Report(written[0], 1, [])
    with start_node(copy) as node, EventStoreDBClient(uri=node.uri) as client:
        assert len(client.get_stream("s")) == found.events
    assert sorted(path.name for path in tmp_path.glob(".*")) == []


def test_the_command_line_backs_up_and_verifies_a_log_in_use(tmp_path: Path) -> None:
    data, copy = tmp_path / "log.db", tmp_path / "backup.db"
    with start_node(data) as node, EventStoreDBClient(uri=node.uri) as client:
        client.append_to_stream("s", current_version=StreamState.ANY, events=NewEvent(type="T", data=b"{}"))
        made = esdbnode("--backup", copy, "--data", data)
        assert (made.returncode, made.stderr) == (0, b"")
        assert made.stdout.decode() == f"{datafile.backed_up(str(data), str(copy), copy.stat().st_size)}\n"
        again = esdbnode("--backup", copy, "--data", data)
        assert (again.returncode, again.stdout) == (1, b"")
        assert again.stderr.decode() == f"{datafile.backup_exists(str(copy))}\n"
        sound = esdbnode("--verify", "--data", data)
        assert (sound.returncode, sound.stdout.decode()) == (0, f"{datafile.intact(str(data), 1, 1)}\n")
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert {"log.db", "log.db-wal", "log.db.lock", "backup.db"} <= set(modes)
    assert set(modes.values()) == {0o600}
    raw = copy.read_bytes()
    copy.write_bytes(raw[:9_000] + b"X" + raw[9_001:])
    damaged = esdbnode("--verify", "--data", copy)
    assert damaged.returncode == 1
    first, *_, last = damaged.stdout.decode().splitlines()
    assert (first, last) == (datafile.is_damaged(str(copy)), datafile.RESTORE_TO_A_NEW_FILE)
    report = esdbnode("--verify", "--json", "--data", copy)
    assert json.loads(report.stdout)["problems"]
    missing = esdbnode("--verify", "--data", tmp_path / "none.db")
    assert missing.returncode == 1
    assert missing.stderr.decode() == f"{datafile.no_file(str(tmp_path / 'none.db'))}\n"


def test_a_backup_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "log.db"
    with start_node(data) as node, EventStoreDBClient(uri=node.uri) as client:
        event = NewEvent(type="T", data=b"x" * 50_000)
        client.append_to_stream("s", current_version=StreamState.ANY, events=event)
        assert node.stop() == 0
    raw = data.read_bytes()
    data.write_bytes(raw[:20_000] + b"X" + raw[20_001:])
    with pytest.raises(CannotBackUp, match=pattern_of(datafile.copying_meets_damage, data=str(data))):
        back_up(data, tmp_path / "backup.db")
    with pytest.raises(CannotBackUp, match=re.escape(datafile.cannot_write_in(str(tmp_path / "none")))):
        back_up(data, tmp_path / "none" / "backup.db")
    data.write_bytes(raw)

    def fail(_: Path) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(backup, "sync", fail)
    said = datafile.cannot_write_backup(str(tmp_path / "backup.db"), os.strerror(errno.EIO))
    with pytest.raises(CannotBackUp, match=re.escape(said)):
        back_up(data, tmp_path / "backup.db")
    assert not list(tmp_path.glob("*backup*"))
