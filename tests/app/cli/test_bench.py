"""The benchmarks: which there are, and that the one of commands works from end to end. No test looks at a time."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.cli.bench import LIBRARIES, own
from app.setup.debian import WRK
from app.setup.environment import ROOT
from benchmarks.commands.screens import Screen

SMALLEST = {
    "DAYBOOK_RUNS": "1",
    "DAYBOOK_SECONDS": "1",
    "DAYBOOK_ENTRIES": "800",
    "DAYBOOK_CLIENTS": "5",
    "DAYBOOK_RATE": "20",
}


def commands(environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-P", "-m", "benchmarks.commands"]
    return subprocess.run(argv, cwd=ROOT, env={**os.environ, **environ}, capture_output=True, text=True)


def test_a_benchmark_is_a_module_or_a_package_that_runs() -> None:
    assert {"commands", "idle", "rebuild"} <= own()
    assert not own() & LIBRARIES


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.skipif(WRK.known() is None, reason=WRK.absent)
def test_the_benchmark_of_commands_measures_each_part_and_its_peer() -> None:
    done = commands(SMALLEST)
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    rows = json.loads(line)["rows"]
    assert {tuple(row) for row in rows} == {("what", "median", "least", "most", "unit", "target")}
    assert all(0 <= row["least"] <= row["median"] <= row["most"] for row in rows)
    named = " ".join(row["what"] for row in rows)
    for part in (
        "eventsourcing",
        "two web processes",
        "writers",
        "histories",
        "bare parts",
        "cold",
        "reactor",
    ):
        assert part in named


@pytest.mark.slow
def test_without_wrk_the_benchmark_of_commands_says_what_to_install(tmp_path: Path) -> None:
    done = commands({"PATH": str(tmp_path), "DAYBOOK_WRK": ""})
    assert done.returncode == 1
    assert done.stderr == f"daybook: {WRK.absent}\n"
    assert done.stdout == ""


@pytest.mark.parametrize("size", [1, 3, 50, 1000])
def test_a_live_page_of_the_benchmark_finds_each_position_however_the_bytes_are_cut(size: int) -> None:
    screen = Screen()
    text = b"HTTP/1.1 200 OK\r\n\r\n" + b"".join(
        b"topic: feed\ndata: id: 7\n\nevent: totals\ndata: 1\nid: %d\n\n" % position
        for position in (95, 1024)
    )
    for start in range(0, len(text), size):
        screen.data_received(text[start : start + size])
    assert screen.positions[-1] == 1024
    assert screen.when(95) is not None
    assert screen.when(1025) is None
    assert screen.bytes == len(text)
