"""`daybook verify` with the servers of the settings, without a projector."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.messages import verbs as messages
from projections.readmodels import NAMES
from tests.kit.node import PROJECT, start_node
from tests.kit.valkey import valkey

MANY = 30_000
"""More entries than an audit reads ahead."""


@pytest.fixture
def environ() -> Iterator[dict[str, str]]:
    with start_node() as node, valkey() as server:
        yield {**os.environ, "DAYBOOK_ESDB_URI": node.uri, "DAYBOOK_REDIS_URL": server.url}


def daybook(environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "app", *arguments]
    return subprocess.run(command, env=environ, cwd=PROJECT, capture_output=True, text=True, timeout=60)


def book(environ: dict[str, str], file: Path, entries: int, day: str = "2026-11-02") -> None:
    """Each file has its own day: otherwise its lines resemble those of the file before, and are held back."""
    lines = [f"acc-{number % 100},{day},1.00,{file.stem} {number}" for number in range(entries)]
    file.write_text("\n".join(["account,date,amount,note", *lines]))
    assert daybook(environ, "import", str(file)).returncode == 0


def test_read_models_that_are_behind_are_listed_and_the_verb_always_ends(
    environ: dict[str, str], tmp_path: Path
) -> None:
    book(environ, tmp_path / "first.csv", 400)
    assert daybook(environ, "rebuild").returncode == 0
    done = daybook(environ, "verify", "--json")
    found = json.loads(done.stdout)
    end = found["head"]
    assert found == {"equal": True, "position": end, "head": end, "behind": [], "differences": []}
    assert (done.returncode, done.stderr) == (0, "")

    book(environ, tmp_path / "second.csv", MANY, "2026-11-03")
    for _ in range(5):
        done = daybook(environ, "verify", "--json")
        found = json.loads(done.stdout)
        behind = [{"projection": name, "position": end} for name in NAMES]
        assert found.pop("head") > end
        assert found == {"equal": False, "position": end, "behind": behind, "differences": []}
        assert (done.returncode, done.stderr) == (1, "")

    done = daybook(environ, "verify")
    lines = done.stdout.splitlines()
    assert done.returncode == 1
    about, compared = lines[: len(NAMES)], lines[len(NAMES)]
    assert [line.partition(" ")[0] for line in about] == list(NAMES)
    assert all(str(end) in line for line in (*about, compared))
    assert lines[len(NAMES) + 1 :] == [messages.EQUAL]
