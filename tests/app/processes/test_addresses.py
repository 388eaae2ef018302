"""How a command finds the servers. The log is at an address that is never called here; Valkey is real."""

import errno
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import redis

from app.messages import running as messages
from app.processes.addresses import Addresses, Servers, held, is_held, leave, running, servers
from app.processes.children import child_environment
from app.refusal import Refusal
from app.settings import Settings

ESDB_URI = "esdb://127.0.0.1:1?Tls=false"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", esdb_uri=ESDB_URI)


def client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)


def valkeys(data: Path) -> list[psutil.Process]:
    """Valkey's process, found by its working folder, because it renames its process."""
    return [one for one in psutil.process_iter(["cwd"]) if one.info["cwd"] == str(data / "valkey")]


@pytest.mark.slow
def test_only_one_process_can_hold_a_data_folder(tmp_path: Path) -> None:
    with held(tmp_path / "data"):
        assert is_held(tmp_path / "data")
        in_use = re.escape(messages.data_folder_in_use(str(tmp_path / "data")))
        with pytest.raises(Refusal, match=in_use) as refused, held(tmp_path / "data"):
            pass
        assert refused.value.code == 2
    assert not is_held(tmp_path / "data")


def test_a_data_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    data = tmp_path / "file" / "x"
    refusal = messages.data_folder_unusable(str(data), os.strerror(errno.ENOTDIR))
    with pytest.raises(Refusal, match=re.escape(refusal)), held(data):
        pass


def test_only_its_owner_can_read_a_data_folder(tmp_path: Path) -> None:
    with held(tmp_path / "data"):
        leave(tmp_path / "data", Addresses(1, "esdb://x", "redis://y"))
        assert (tmp_path / "data").stat().st_mode & 0o77 == 0
        assert (tmp_path / "data" / "addresses.json").stat().st_mode & 0o77 == 0


def test_files_of_an_earlier_release_are_closed_to_others(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "valkey" / "appendonlydir").mkdir(parents=True)
    files = [data / "node.sqlite", data / "valkey" / "appendonlydir" / "base.rdb"]
    for file in files:
        file.touch()
        file.chmod(0o644)
    with held(data):
        for path in [data, data / "valkey", data / "valkey" / "appendonlydir", *files]:
            assert path.stat().st_mode & 0o77 == 0


def test_a_folder_with_other_things_in_it_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "letter").touch()
    (tmp_path / "letter").chmod(0o644)
    with held(tmp_path):
        assert tmp_path.stat().st_mode & 0o777 == 0o755
        assert (tmp_path / "letter").stat().st_mode & 0o777 == 0o644


def test_addresses_are_removed_when_their_holder_ends(tmp_path: Path) -> None:
    addresses = Addresses(1, "esdb://x", "redis://y", "http://z")
    with held(tmp_path):
        leave(tmp_path, addresses)
        assert running(tmp_path) == addresses
    assert running(tmp_path) is None
    assert not (tmp_path / "addresses.json").exists()


def test_addresses_left_by_a_killed_holder_are_not_used(tmp_path: Path) -> None:
    program = (
        "import pathlib, sys, time; from app.processes.addresses import *; data = pathlib.Path(sys.argv[1]);"
        "lock = held(data); lock.__enter__(); leave(data, Addresses(1, 'esdb://x', 'redis://y'));"
        "print('left', flush=True); time.sleep(60)"
    )
    argv = [sys.executable, "-c", program, str(tmp_path)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, env=child_environment()) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"left\n"
        assert running(tmp_path)
        holder.kill()
    assert (tmp_path / "addresses.json").exists()
    assert running(tmp_path) is None


def test_a_new_holder_starts_without_the_addresses_of_a_killed_one(tmp_path: Path) -> None:
    leave(tmp_path, Addresses(1, "esdb://gone", "redis://gone"))
    with held(tmp_path):
        assert is_held(tmp_path)
        assert not (tmp_path / "addresses.json").exists()


def test_servers_in_the_settings_are_used_and_none_is_started(tmp_path: Path) -> None:
    named = Settings(data=tmp_path / "data", esdb_uri=ESDB_URI, redis_url="redis://127.0.0.1:2")
    with servers(named) as found:
        assert found == Servers(ESDB_URI, "redis://127.0.0.1:2", own=False)
    assert not (tmp_path / "data").exists()


def test_servers_run_for_as_long_as_the_command_and_keep_what_was_written(settings: Settings) -> None:
    with servers(settings) as found:
        assert found.esdb_uri == ESDB_URI
        with client(found.redis_url) as valkey:
            valkey.set("balance", "100")
        assert len(valkeys(settings.data)) == 1
    assert valkeys(settings.data) == []
    assert not is_held(settings.data)
    with servers(settings) as found, client(found.redis_url) as valkey:
        assert valkey.get("balance") == b"100"


def test_a_command_next_to_another_uses_the_others_servers(settings: Settings) -> None:
    with servers(settings) as first, servers(settings) as second:
        assert first == second
        assert len(valkeys(settings.data)) == 1


def test_a_killed_command_leaves_no_server_behind(settings: Settings) -> None:
    program = (
        "import pathlib, sys, time; from app.processes.addresses import *;"
        f"own = servers(Settings(data=pathlib.Path(sys.argv[1]), esdb_uri={ESDB_URI!r})); own.__enter__();"
        "print('running', flush=True); time.sleep(60)"
    )
    argv = [sys.executable, "-c", program, str(settings.data)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, env=child_environment()) as command:
        assert command.stdout
        assert command.stdout.readline() == b"running\n"
        assert len(valkeys(settings.data)) == 1
        command.kill()
    deadline = time.monotonic() + 5
    while valkeys(settings.data):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_servers_that_cannot_start_are_a_refusal(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(Refusal, match=re.escape(messages.SERVERS_NOT_STARTED)),
        servers(Settings(data=tmp_path / "file" / "below", esdb_uri=ESDB_URI)),
    ):
        pass


def test_valkey_listens_on_no_port_and_syncs_its_file_every_second(settings: Settings) -> None:
    with servers(settings) as found, client(found.redis_url) as valkey:
        wanted = {"port": "0", "appendonly": "yes", "appendfsync": "everysec", "save": ""}
        assert {name: valkey.config_get(name)[name] for name in wanted} == wanted


def test_data_that_valkey_acknowledged_survives_its_kill(settings: Settings) -> None:
    with servers(settings) as found:
        with client(found.redis_url) as valkey:
            valkey.set("balance", "100")
        (process,) = valkeys(settings.data)
        os.kill(process.pid, signal.SIGKILL)
        deadline = time.monotonic() + 5
        while True:
            try:
                with client(found.redis_url) as valkey:
                    assert valkey.get("balance") == b"100"
                break
            except redis.RedisError:
                assert time.monotonic() < deadline
                time.sleep(0.05)


@pytest.mark.slow
def test_a_process_that_is_refused_the_folder_leaves_the_addresses_of_its_holder(tmp_path: Path) -> None:
    with held(tmp_path):
        leave(tmp_path, Addresses(1, "esdb://a", "redis://b"))
        with pytest.raises(Refusal), held(tmp_path):
            pass
        assert (tmp_path / "addresses.json").exists()
