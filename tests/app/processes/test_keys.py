import asyncio
import re
import shutil
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from app.messages import verbs
from app.processes.children import child_environment
from app.processes.keys import DELETED, PEOPLE, destroy_deleted, open_keys
from app.refusal import Refusal
from app.settings import Settings
from eventstore.esdb import EsdbStore
from eventstore.memory import MemoryLog, MemoryStore, Records
from eventstore.personal import messages
from eventstore.personal.keys import KeysUnavailable
from eventstore.personal.sqlite import FILE
from eventstore.store import NO_STREAM, NewEvent
from tests.kit.keys import SAFE_OPTIONS
from tests.kit.messages import pattern_of
from tests.kit.node import PROJECT
from tests.kit.stack import stack
from tests.kit.valkey import valkey


async def test_people_whom_the_log_calls_deleted_lose_the_key_that_came_back(tmp_path: Path) -> None:
    records = Records()
    for stream, kinds in {
        "user-anna": ["UserCreated", "UserDeleted"],
        "user-boris": ["UserCreated"],
        "account-anna2": ["UserDeleted"],
    }.items():
        events = [NewEvent(id=uuid4(), type=kind, data=b"{}", metadata=b"{}") for kind in kinds]
        await MemoryStore(records).append(stream, events, expected=NO_STREAM)
    keys = open_keys(Settings(data=tmp_path))
    boris = [keys.create(user_id) for user_id in ("anna", "boris")][1]
    assert destroy_deleted(keys, MemoryLog(records)) == 1
    assert keys.get_all(["anna", "boris"]) == [None, boris]
    assert destroy_deleted(keys, MemoryLog(records)) == 0
    keys.close()


def daybook(*arguments: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-P", "-m", "app", "keys", *arguments]
    return subprocess.run(
        argv, cwd=PROJECT, env=child_environment(), capture_output=True, text=True, timeout=60
    )


def test_the_verb_copies_keys_and_cleans_a_restored_copy(tmp_path: Path) -> None:
    data, copy = tmp_path / "var", tmp_path / "keys-monday.sqlite"
    keys = open_keys(Settings(data=data))
    anna = keys.create("anna")
    copied = daybook("--backup", str(copy), "--data", str(data))
    assert (copied.returncode, copied.stdout) == (0, verbs.keys_copied(str(copy)) + "\n")
    keys.destroy("anna")
    keys.close()
    shutil.copyfile(copy, data / "keys" / FILE)
    with stack(data) as running:
        append_deleted(running.esdb_uri, "anna")
        cleaned = daybook("--destroy-deleted", "--data", str(data))
        assert (cleaned.returncode, cleaned.stdout) == (0, verbs.keys_destroyed_again(1) + "\n")
    assert anna not in (data / "keys" / FILE).read_bytes()


def append_deleted(esdb_uri: str, user_id: str) -> None:
    async def append() -> None:
        store = EsdbStore(esdb_uri)
        event = NewEvent(id=uuid4(), type=DELETED, data=b"{}", metadata=b"{}")
        await store.append(f"{PEOPLE}{user_id}", [event], expected=NO_STREAM)
        await store.close()

    asyncio.run(append())


def test_keys_on_a_server_are_not_copied_by_the_verb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAYBOOK_KEYS_URL", "redis://keys.example")
    refused = daybook("--backup", str(tmp_path / "copy"), "--data", str(tmp_path / "var"))
    assert refused.returncode == 1
    assert verbs.KEYS_ARE_ON_A_SERVER in refused.stderr


def test_without_a_server_keys_are_in_the_data_folder(tmp_path: Path) -> None:
    keys = open_keys(Settings(data=tmp_path / "var"))
    key = keys.create("anna")
    keys.close()
    assert key in (tmp_path / "var" / "keys" / FILE).read_bytes()


def test_a_file_that_cannot_be_used_is_a_refusal(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / FILE).write_bytes(b"damaged" * 1000)
    with pytest.raises(Refusal, match=pattern_of(messages.file_damaged)):
        open_keys(Settings(data=tmp_path))


def test_the_server_of_the_read_models_is_a_refusal(tmp_path: Path) -> None:
    with valkey(*SAFE_OPTIONS) as server:
        settings = Settings(data=tmp_path, redis_url=server.url, keys_url=f"{server.url}?db=1")
        with pytest.raises(Refusal, match=re.escape(messages.SERVER_OF_THE_READ_MODELS)):
            open_keys(settings)
        open_keys(settings._replace(redis_url=None)).close()


def test_a_server_that_does_not_answer_yet_is_waited_for(tmp_path: Path) -> None:
    keys = open_keys(Settings(data=tmp_path, keys_url=f"unix://{tmp_path}/nobody"))
    with pytest.raises(KeysUnavailable, match=re.escape(messages.SERVER_SILENT)):
        keys.get("anna")
    keys.close()
