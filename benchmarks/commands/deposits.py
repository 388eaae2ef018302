"""Deposits over HTTP, alternating with the peer and with two web processes."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

from benchmarks.commands.extent import Extent, progress
from benchmarks.commands.rows import Row, ratio, row
from benchmarks.commands.wrk import CONNECTIONS, Load, load, one_page
from benchmarks.kit import daybook

ACCOUNTS: Final = 1_000
WARM_UP: Final = 2
TARGETS: Final = {
    "web": "at most 450",
    "node": "at most 200",
    "projector": "at most 100",
    "Valkey": "at most 60",
}
"""Of CPU for one deposit, in microseconds. The reactors have none of their own."""


def measured(extent: Extent, wrk: Path) -> list[Row]:
    ones, peers, twos = [], [], []
    with daybook() as one, daybook("--web", "2") as two, one_page(one), one_page(two):
        for running in (one, two):
            load(running, wrk, WARM_UP, ACCOUNTS)
        for run in range(extent.runs):
            progress("deposits", run, extent.runs)
            ones.append(load(one, wrk, extent.seconds, ACCOUNTS))
            peers.append(peer(extent.seconds))
            twos.append(load(two, wrk, extent.seconds, ACCOUNTS))
    return [*beside_peer(ones, peers), *costs(ones), *with_two(ones, twos)]


def peer(seconds: int) -> Load:
    argv = [sys.executable, "-P", "-m", "benchmarks.commands.peer", str(seconds), str(ACCOUNTS)]
    done = subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=True)
    figures = json.loads(done.stdout)
    return Load(figures["per_s"], {"peer": figures["cpu"]})


def beside_peer(ones: list[Load], peers: list[Load]) -> list[Row]:
    ours, theirs = speeds(ones), speeds(peers)
    return [
        row(f"deposits over HTTP, {CONNECTIONS} connections, {ACCOUNTS:,} accounts", ours, "1/s"),
        row("the same by eventsourcing and SQLite, in process", theirs, "1/s"),
        ratio("Daybook to eventsourcing", ours, theirs, "at least 1.1"),
        row("CPU of a deposit, eventsourcing", [run.cpu["peer"] for run in peers], "us"),
    ]


def costs(ones: list[Load]) -> list[Row]:
    parts = sorted(ones[0].cpu, key=ones[0].cpu.__getitem__, reverse=True)
    rows = [
        row(f"CPU of a deposit, {part}", [run.cpu[part] for run in ones], "us", TARGETS.get(part, ""))
        for part in parts
    ]
    return [row("CPU of a deposit, all of Daybook", totals(ones), "us"), *rows]


def with_two(ones: list[Load], twos: list[Load]) -> list[Row]:
    return [
        row("deposits over HTTP, two web processes", speeds(twos), "1/s"),
        ratio("two web processes to one", speeds(twos), speeds(ones), "at least 1.3"),
        row("CPU of a deposit, all of Daybook, two web processes", totals(twos), "us"),
    ]


def speeds(runs: list[Load]) -> list[float]:
    return [run.per_s for run in runs]


def totals(runs: list[Load]) -> list[float]:
    return [sum(run.cpu.values()) for run in runs]
