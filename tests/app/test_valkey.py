from pathlib import Path

import pytest

from app.processes import valkey


def server(folder: Path, name: str, says: str) -> Path:
    program = folder / name
    program.write_text(f"#!/bin/sh\necho '{says}'\n")
    program.chmod(0o755)
    return program


def test_a_server_on_the_path_comes_before_the_packaged_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = server(
        tmp_path, "redis-server", "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64"
    )
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    assert valkey.find_server() == found


def test_valkey_comes_before_redis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server(tmp_path, "redis-server", "Redis server v=7.0.15 sha=00000000:0")
    found = server(tmp_path, "valkey-server", "Valkey server v=8.1.1 sha=00000000:0")
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    assert valkey.find_server() == found


def test_an_old_server_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server(tmp_path, "redis-server", "Redis server v=6.2.14 sha=00000000:0")
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    found = valkey.find_server()
    assert found.parent != tmp_path
    assert valkey.major_version(found) >= valkey.OLDEST


def test_without_any_server_the_refusal_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(valkey.NoServer, match="no valkey-server or redis-server of version 7"):
        valkey.find_server()
