"""`daybook bench`: the benchmarks, one after the other, each on a Daybook of its own."""

import argparse
import os
import subprocess
import sys

from app.environment import ROOT
from app.refusal import Refusal

LIBRARIES = {"__init__", "kit"}


def bench(arguments: argparse.Namespace) -> int:
    there = sorted({path.stem for path in (ROOT / "benchmarks").glob("*.py")} - LIBRARIES)
    for name in arguments.names:
        if name not in there:
            raise Refusal(f"there is no benchmark {name!r}: choose from {', '.join(there)}.")
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    failed = 0
    for name in arguments.names or there:
        failed |= subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], env=environ).returncode
    return 1 if failed else 0
