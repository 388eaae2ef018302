"""Shared by the benchmarks: a complete Daybook with its own data, a table, percentiles."""

import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parent.parent


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


@contextmanager
def daybook() -> Iterator[Daybook]:
    with tempfile.TemporaryDirectory(prefix="daybook-bench-") as folder:
        port = _free_port()
        command = [str(ROOT / "daybook"), "up", "--data", folder, "--port", str(port)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            assert process.stdout is not None
            if not process.stdout.readline().startswith("Daybook is up"):
                raise SystemExit("Daybook did not start; run ./daybook up to see why.")
            yield Daybook(f"http://127.0.0.1:{port}", port, Path(folder), psutil.Process(process.pid))
        finally:
            process.terminate()
            process.wait(timeout=10)


def _free_port() -> int:
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
