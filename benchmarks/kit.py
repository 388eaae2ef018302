"""Shared by the benchmarks: a complete Daybook with its own data, a table, percentiles."""

import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parent.parent
PARTS = {"web": "web", "esdbnode": "node", "projector": "projector", "reactor": "reactor"}
"""A part's name by a word of its command line. What has none of these words is Valkey."""


@dataclass(frozen=True)
class Daybook:
    """A running `./daybook up`."""

    url: str
    port: int
    data: Path
    process: psutil.Process

    def run(self, *arguments: str) -> dict[str, Any]:
        """A verb with --json; its last line of output as JSON."""
        command = [str(ROOT / "daybook"), *arguments, "--data", str(self.data), "--json"]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=900)
        return dict(json.loads(done.stdout.splitlines()[-1]))

    def processes(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]

    def cpu(self) -> dict[str, float]:
        """The seconds of CPU that each part has used so far. Several web processes are one part."""
        used: defaultdict[str, float] = defaultdict(float)
        for process in self.process.children():
            words = process.cmdline()
            part = next((name for word, name in PARTS.items() if word in words), "Valkey")
            times = process.cpu_times()
            used[part] += times.user + times.system
        return dict(used)

    def addresses(self) -> dict[str, str]:
        return dict(json.loads((self.data / "addresses.json").read_text()))


@contextmanager
def daybook(*options: str) -> Iterator[Daybook]:
    """`options` are further ones of `up`."""
    with tempfile.TemporaryDirectory(prefix="daybook-bench-") as folder:
        port = free_port()
        command = [str(ROOT / "daybook"), "up", "--data", folder, "--port", str(port), *options]
        with child(command, "Daybook is up", errors=subprocess.DEVNULL) as process:
            yield Daybook(f"http://127.0.0.1:{port}", port, Path(folder), psutil.Process(process.pid))


@contextmanager
def child(argv: Sequence[str], ready: str, errors: int | None = None) -> Iterator[subprocess.Popen[str]]:
    """A process that prints a line with `ready` when it is; it ends with the block. `errors` is its stderr."""
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=errors, text=True)
    try:
        assert process.stdout is not None
        if not any(ready in line for line in process.stdout):
            raise SystemExit(f"This did not start; run it to see why: {' '.join(argv)}")
        yield process
    finally:
        process.terminate()
        process.wait(timeout=10)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median, minimum and maximum of repeated runs."""
    return {"median": statistics.median(values), "least": min(values), "most": max(values)}


def report(name: str, rows: Sequence[Mapping[str, object]]) -> None:
    """A table on stderr for people, a line of JSON on stdout."""
    table = Table(title=name)
    for heading in rows[0]:
        table.add_column(heading, justify="right" if heading != "what" else "left")
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    Console(stderr=True, width=None if sys.stderr.isatty() else 150).print(table)
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    print(json.dumps({"benchmark": name, "at": stamp, "rows": rows}))
    sys.stdout.flush()


def _cell(value: object) -> str:
    return (
        f"{value:,.2f}"
        if isinstance(value, float)
        else f"{value:,}"
        if isinstance(value, int)
        else str(value)
    )
