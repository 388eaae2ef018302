"""Importing a bank statement: lines per second, from the file to the last durable append, and memory.

Two statements: the real one, and an invented one of many accounts, which is imported twice and then only checked.
"""

import os
import random
import re
import subprocess
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from benchmarks.kit import ROOT, Daybook, daybook, report, spread

RUNS: Final = 5
BERKA: Final = (
    Path(os.environ.get("DAYBOOK_BERKA", ROOT.parent / "shared/data/berka")) / "transactions.csv.xz"
)
LINES: Final = int(os.environ.get("DAYBOOK_LINES", "200000"))
ACCOUNTS: Final = int(os.environ.get("DAYBOOK_ACCOUNTS", "100000"))
_FIRST_DAY: Final = date(2025, 1, 1)
_NOTES: Final = ("Card payment", "Salary", "Standing order", "Cash", "Transfer to savings")


def main() -> None:
    if BERKA.exists():
        _real()
    with daybook() as running:
        _invented(running)


def _real() -> None:
    imports: list[dict[str, Any]] = []
    for _ in range(RUNS):
        with daybook() as running:
            imports.append(running.run("import", str(BERKA), "--format", "berka"))
    report(
        f"import, {RUNS} runs on new ledgers",
        [
            {
                "what": "transactions/s (target 2,000)",
                **spread([float(done["transactions_per_s"]) for done in imports]),
            },
            {"what": "seconds", **spread([float(done["seconds"]) for done in imports])},
        ],
    )


def _invented(running: Daybook) -> None:
    file = running.data / "invented.csv"
    file.write_text("account,date,amount,note\nx,2025-01-01,1.00,x\n")
    _, _, least = _import(running, file)
    write(file, LINES, ACCOUNTS)
    rows = []
    for what, *arguments in (["first"], ["again"], ["check", "--check"]):
        done, seconds, peak = _import(running, file, *arguments)
        rows.append(
            {
                "what": what,
                "booked": done["booked"],
                "recognised": done["already_booked"],
                "seconds": seconds,
                "lines/s (target 6,000)": round(LINES / seconds),
                "peak MB": peak / 1e6,
                "bytes a line (at most 300)": (peak - least) / LINES,
            }
        )
    report(f"import, {LINES:,} lines on {ACCOUNTS:,} accounts, over an import of one line", rows)


def _import(running: Daybook, file: Path, *arguments: str) -> tuple[dict[str, int], float, int]:
    """Its figures; the seconds and the peak of resident memory, in bytes, of the whole command."""
    command = [str(ROOT / "daybook"), "import", str(file), *arguments, "--data", str(running.data), "--json"]
    out, began = running.data / "report.json", time.monotonic()
    with out.open("wb") as printed:
        process = subprocess.Popen(command, stdout=printed, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
    seconds = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"The import ended with exit code {process.returncode}.")
    return _figures(out), seconds, used.ru_maxrss * 1024


def _figures(report: Path) -> dict[str, int]:
    """Without the lists behind them: the memory of this process counts as that of the next one it starts."""
    with report.open() as text:
        head = text.read(4096)
    found = re.findall(r'"(booked|already_booked)":\s*(\d+)', head)
    return {name: int(figure) for name, figure in found}


def write(file: Path, lines: int, accounts: int) -> None:
    """A plain file: by day, its accounts in no order, each line with its own note."""
    with file.open("w") as out:
        out.write("account,date,amount,note\n")
        out.writelines(_lines(random.Random(14), lines, accounts))


def _lines(chance: random.Random, lines: int, accounts: int) -> Iterator[str]:
    for n in range(lines):
        account = n if n < accounts else chance.randrange(accounts)
        day = _FIRST_DAY + timedelta(days=n * 365 // lines)
        amount = chance.choice([-1, 1]) * chance.randint(1, 9_999_99)
        sign = "-" if amount < 0 else ""
        units, cents = divmod(abs(amount), 100)
        yield f"k{account},{day},{sign}{units}.{cents:02},{chance.choice(_NOTES)} {n:08}\n"


if __name__ == "__main__":
    main()
