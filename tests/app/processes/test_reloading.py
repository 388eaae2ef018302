"""`up --reload` restarts only the parts that use a changed file."""

import time
from pathlib import Path

import pytest

from app.messages.running import WEB_IS_UP
from app.processes.reloading import ROOTS, concerned
from app.processes.up import application_parts
from app.setup.environment import ROOT
from tests.kit.stack import stack


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("domain/accounts/events.py", ["demo", "projector", "web"]),
        ("domain/accounts/__init__.py", ["demo", "projector", "web"]),
        ("commands/handler.py", ["demo", "web"]),
        ("projections/engine/runner.py", ["projector"]),
        ("projections/engine/newest.lua", ["projector", "web"]),
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
    assert {part.name for part in application_parts(demo=1)} | {"node"} == set(ROOTS)


def test_only_the_web_restarts_and_the_other_parts_keep_running(tmp_path: Path) -> None:
    with stack(tmp_path, "--reload") as running:
        running.await_line("watching", 20)
        before = {words: running.part(words).pid for words in ("app projector", "app web", "esdbnode")}
        time.sleep(1)  # until the watch has started, which prints no message
        (ROOT / "web" / "live" / "hub.py").touch()
        running.await_line("restarting web: web/live/hub.py changed", 20)
        running.await_line(WEB_IS_UP, 20)
        after = {words: running.part(words).pid for words in before}
        assert running.stop() == 0
    assert {words for words in before if before[words] != after[words]} == {"app web"}
