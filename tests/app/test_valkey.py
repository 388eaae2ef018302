import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psutil
import pytest
import redis

from app.messages.running import no_redis_server
from app.processes import valkey

REFUSAL = re.escape(no_redis_server(["valkey-server", "redis-server"], "7.0"))


def server(folder: Path, name: str, says: str) -> Path:
    program = folder / name
    program.write_text(f"#!/bin/sh\necho '{says}'\n")
    program.chmod(0o755)
    return program


def test_a_server_on_the_path_that_is_newer_comes_before_the_packaged_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = server(
        tmp_path, "valkey-server", "Valkey server v=99.0.1 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64"
    )
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    assert valkey.find_server() == found


@pytest.mark.parametrize("version", ["6.2.14", "7.0.15"])
def test_the_packaged_server_comes_before_an_older_one_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    server(tmp_path, "redis-server", f"Redis server v={version} sha=00000000:0")
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    found = valkey.find_server()
    assert found.parent != tmp_path
    assert valkey.version_of(found) > (7, 0)


def test_without_a_packaged_server_the_newest_on_the_path_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server(tmp_path, "redis-server", "Redis server v=7.0.15 sha=00000000:0")
    found = server(tmp_path, "valkey-server", "Valkey server v=7.2.5 sha=00000000:0")
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert valkey.find_server() == found


def test_a_server_that_is_too_old_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server(tmp_path, "redis-server", "Redis server v=6.2.14 sha=00000000:0")
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(valkey.NoServer, match=REFUSAL):
        valkey.find_server()


def test_without_any_server_the_refusal_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(valkey.NoServer, match=REFUSAL):
        valkey.find_server()


@pytest.mark.every_server
def test_it_listens_on_a_socket_of_its_owner_and_on_no_port(short_folder: Path, server_program: Path) -> None:
    listens_at, data = short_folder / "sp ace.socket", short_folder / "data"
    data.mkdir()
    command = valkey.command(server_program, listens_at, data)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, umask=0) as process:
        try:
            assert process.stdout
            assert any(valkey.READY in line for line in process.stdout)
            assert listens_at.stat().st_mode & 0o777 == 0o600
            assert psutil.Process(process.pid).net_connections("inet") == []
            with redis.Redis.from_url(f"unix://{quote(str(listens_at))}") as client:
                assert client.ping()
        finally:
            process.terminate()
    assert not listens_at.exists()


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """The path of a socket has at most 103 bytes on some systems."""
    with tempfile.TemporaryDirectory(prefix="dv-") as folder:
        yield Path(folder)
