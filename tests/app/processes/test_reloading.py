"""`up --reload` restarts only the parts that use a changed file."""

import re
import socket
import time
from pathlib import Path

import pytest

from app.messages.running import WEB_IS_UP
from app.processes.reloading import ROOTS, concerned
from app.processes.up import application_parts
from app.setup.environment import ROOT
from tests.kit.stack import Stack, connected, stack


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("domain/accounts/events.py", ["demo", "projector", "reactor", "web"]),
        ("domain/accounts/__init__.py", ["demo", "projector", "reactor", "web"]),
        ("commands/handler.py", ["demo", "reactor", "web"]),
        ("reactors/holds.py", ["reactor", "web"]),
        ("projections/engine/runner.py", ["projector"]),
        ("projections/engine/newest.lua", ["projector", "reactor", "web"]),
        ("projections/audit/books.py", ["projector"]),
        ("web/live/hub.py", ["web"]),
        ("templates/base.html", ["web"]),
        ("static/app.css", ["web"]),
        ("esdbnode/src/esdbnode/node.py", ["node"]),
        ("app/importing/berka.py", []),
    ],
)
def test_a_change_concerns_the_parts_that_use_it(path: str, parts: list[str]) -> None:
    assert concerned([ROOT / path]) == parts


def test_every_part_in_python_is_watched() -> None:
    with socket.socket() as listener:
        parts = application_parts(listener, web=2, demo=1)
    assert {part.kind for part in parts} | {"node"} == set(ROOTS)


def test_only_the_web_processes_restart_and_the_other_parts_keep_running(tmp_path: Path) -> None:
    with stack(tmp_path, "--reload", "--web", "2") as running:
        running.await_line("watching", 20)
        before = {words: pids(running, words) for words in ("app projector", "app web", "esdbnode")}
        time.sleep(1)  # until the watch has started, which prints no message
        (ROOT / "web" / "live" / "hub.py").touch()
        for _ in range(2):
            running.await_line(r"restarting web \d: web/live/hub.py changed", 20)
        for _ in range(2):
            running.await_line(WEB_IS_UP, 20)
        after = {words: pids(running, words) for words in before}
        assert len(after["app web"]) == 2
        assert not after["app web"] & before["app web"]
        assert {words for words in before if before[words] != after[words]} == {"app web"}
        assert len({reload_id(running.url, pid) for pid in after["app web"]}) == 1
        assert running.stop() == 0


def pids(running: Stack, words: str) -> set[int]:
    return {process.pid for process in running.parts(words)}


def reload_id(url: str, pid: int) -> str:
    with connected(url, pid) as http:
        found = re.search(r'data-reload="([^"]+)"', http.get("/").text)
    assert found
    return found[1]
