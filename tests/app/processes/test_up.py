"""The complete `daybook up`: its real node, Valkey, projector and web, and the refusals before the start."""

import contextlib
import errno
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import uuid4

import psutil
import pytest

from app.messages import running as messages
from app.messages.verbs import refused as refused_by
from app.processes.addresses import held, running
from app.processes.children import child_environment
from app.processes.folder import OURS
from app.settings import MOST_WEB
from reactors import REACTORS
from tests.kit.stack import stack

UNSET = ("DAYBOOK_ESDB_URI", "DAYBOOK_REDIS_URL")


def start(
    *arguments: str, umask: int = -1, verb: str = "up", given: Mapping[str, str] = MappingProxyType({})
) -> subprocess.Popen[bytes]:
    """`given` is added to the environment."""
    environ = {name: value for name, value in child_environment().items() if name not in UNSET} | dict(given)
    argv = [sys.executable, "-P", "-m", "app", verb, *arguments]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ, umask=umask)


def refused(*arguments: str, verb: str = "up", given: Mapping[str, str] = MappingProxyType({})) -> str:
    with start(*arguments, verb=verb, given=given) as process:
        printed, said = process.communicate(timeout=20)
    assert process.returncode == 2
    assert printed == b""
    assert said.count(b"\n") == 1
    return said.decode()


@contextlib.contextmanager
def up(data: Path, umask: int = -1) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    process = start("--port", "0", "--data", str(data), umask=umask)
    try:
        assert process.stdout
        line = process.stdout.readline().decode()
        assert line.startswith(messages.daybook_is_up("http://127.0.0.1:")), line
        yield process, line.split()[-1]
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=10)


def ask(url: str, body: dict[str, str] | None = None) -> Any:
    headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid4())} if body else {}
    request = urllib.request.Request(url, json.dumps(body).encode() if body else None, headers)
    with urllib.request.urlopen(request, timeout=5) as response:
        return json.load(response)


def is_ready(url: str) -> bool:
    try:
        return bool(ask(f"{url}/health/ready")["status"] == "ok")
    except OSError:
        return False


def parts_of(process: int) -> dict[str, psutil.Process]:
    """The children by a word in their argv. Valkey renames itself, so it is the one without such a word."""
    names = {"esdbnode": "node", "projector": "projector", "reactor": "reactor", "web": "web"}
    found = {}
    for child in psutil.Process(process).children():
        with contextlib.suppress(psutil.Error):
            found[next((names[word] for word in child.cmdline() if word in names), "valkey")] = child
    return found


def has_successor(process: subprocess.Popen[bytes], name: str, killed: int) -> Callable[[], bool]:
    def check() -> bool:
        part = parts_of(process.pid).get(name)
        return part is not None and part.pid != killed

    return check


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def test_a_busy_port_is_one_sentence_and_exit_2(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refused("--port", str(port), "--data", str(tmp_path / "data"))
    assert said == refused_by("up", messages.cannot_listen("127.0.0.1", port, messages.PORT_IN_USE)) + "\n"
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("verb", ["up", "web"])
@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1"])
def test_pages_for_other_machines_are_one_sentence_and_exit_2(tmp_path: Path, verb: str, host: str) -> None:
    given = {
        "DAYBOOK_ESDB_URI": "esdb://127.0.0.1:1?Tls=false",
        "DAYBOOK_REDIS_URL": "redis://127.0.0.1:1",
        "DAYBOOK_DATA": str(tmp_path / "data"),
        "DAYBOOK_HOST": host,
    }
    said = refused("--port", "0", verb=verb, given=given)
    assert said == refused_by(verb, messages.open_to_others(host)) + "\n"
    assert not (tmp_path / "data").exists()


def test_pages_are_served_to_other_machines_if_they_are_to_be_open(tmp_path: Path) -> None:
    with stack(tmp_path, "--host", "0.0.0.0", "--open") as running:
        assert is_ready(running.url)
        for name, part in parts_of(running.process.pid).items():
            ports = [one.laddr for one in part.net_connections("tcp") if one.status == psutil.CONN_LISTEN]
            assert ports == ([("0.0.0.0", int(running.url.rpartition(":")[2]))] if name == "web" else []), (
                name
            )


def test_an_unwritable_data_folder_is_one_sentence_and_exit_2(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    data = str(tmp_path / "file" / "data")
    said = refused("--port", "0", "--data", data)
    assert messages.data_folder_unusable(data, os.strerror(errno.ENOTDIR)) in said


def test_a_data_folder_in_use_is_one_sentence_and_exit_2(tmp_path: Path) -> None:
    with held(tmp_path):
        said = refused("--port", "0", "--data", str(tmp_path))
    assert messages.data_folder_in_use(str(tmp_path)) in said


def test_a_wrong_number_of_web_processes_is_one_sentence_and_exit_2(tmp_path: Path) -> None:
    said = refused("--web", "0", "--port", "0", "--data", str(tmp_path / "data"))
    problem = messages.not_a_whole_number("0", 1, MOST_WEB)
    assert said == refused_by("up", messages.invalid_setting("--web", problem)) + "\n"
    assert not (tmp_path / "data").exists()


def test_everything_starts_survives_the_kill_of_each_part_and_a_restart(tmp_path: Path) -> None:
    deposit = {"amount": "12.50"}
    with up(tmp_path) as (process, url):
        assert is_ready(url)
        booked = ask(f"{url}/api/accounts/kept/deposits", deposit)
        parts = parts_of(process.pid)
        assert sorted(parts) == ["node", "projector", "reactor", "valkey", "web"]
        for name, part in parts.items():
            part.kill()
            until(has_successor(process, name, part.pid))
            until(lambda: is_ready(url))
        balance = ask(f"{url}/api/accounts/kept?min_position={booked['position']}")["balance"]
        assert balance == "12.50"
    with up(tmp_path) as (_, url):
        balance = ask(f"{url}/api/accounts/kept?min_position={booked['position']}")["balance"]
        assert balance == "12.50"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_everything_within_5_seconds_with_a_browser_attached(
    tmp_path: Path, number: signal.Signals
) -> None:
    with up(tmp_path) as (process, url), urllib.request.urlopen(f"{url}/live", timeout=5) as stream:
        assert stream.status == 200
        parts = list(parts_of(process.pid).values())
        began = time.monotonic()
        os.kill(process.pid, number)
        process.communicate(timeout=10)
        assert time.monotonic() - began < 5
        assert process.returncode == 0
        assert not any(part.is_running() for part in parts)
    assert running(tmp_path) is None


def test_status_and_readiness_list_the_reactors(tmp_path: Path) -> None:
    with up(tmp_path) as (_, url):
        ask(f"{url}/api/accounts/kept/deposits", {"amount": "12.50"})
        assert ask(f"{url}/health/ready")["parts"]["reactors"] == "ok"
        argv = [sys.executable, "-m", "app", "status", "--data", str(tmp_path)]
        environ = {name: value for name, value in child_environment().items() if name not in UNSET}
        lines = subprocess.check_output([*argv, "--json"], env=environ, text=True).splitlines()
        text = subprocess.check_output(argv, env=environ, text=True)
    acting, *found = [each for each in map(json.loads, lines) if "kind" in each]
    assert (acting["kind"], acting["host"]) == ("lease", socket.gethostname())
    names = [reactor.name for reactor in REACTORS]
    assert [(each["name"], each["kind"]) for each in found] == [(name, "reactor") for name in names]
    assert {(each["state"], each["stuck"], each["problem"]) for each in found} == {("ok", 0, None)}
    acts, *said = text.splitlines()[-1 - len(names) :]
    assert acts.startswith(f"Process {acting['pid']} on ")
    assert [line.partition(",")[0] for line in said] == [f"reactor {name}: ok" for name in names]


def test_it_is_found_through_its_data_folder(tmp_path: Path) -> None:
    with up(tmp_path) as (process, url):
        found = running(tmp_path)
        assert found
        assert (found.pid, found.web) == (process.pid, url)


@pytest.mark.parametrize("umask", [0o000, 0o022])
def test_only_their_owner_can_read_what_it_writes_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    data = tmp_path / "data"
    with up(data, umask) as (_, url):
        ask(f"{url}/api/accounts/anna/deposits", {"amount": "10"})
        known = {path for pattern in OURS for path in data.glob(pattern)}
        assert set(data.iterdir()) <= known, "what is not in OURS is not closed to others"
        modes = {
            str(path.relative_to(data)): path.stat().st_mode & 0o777 for path in [data, *data.rglob("*")]
        }
    assert {"node.sqlite", "node.sqlite-wal", "secret", "valkey", "addresses.json"} <= set(modes)
    folders = {name for name in modes if (data / name).is_dir()}
    assert {name: mode for name, mode in modes.items() if mode != (0o700 if name in folders else 0o600)} == {}
