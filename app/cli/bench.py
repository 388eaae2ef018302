"""`daybook bench`: the benchmarks, one after the other, each on a Daybook of its own."""

import argparse
import os
import subprocess
import sys

from app.cli.verb import Verb
from app.refusal import Refusal
from app.setup.bootstrap import Needs
from app.setup.environment import ROOT

LIBRARIES = {"__init__", "kit"}


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: all of them")


def run(arguments: argparse.Namespace) -> int:
    known = sorted({path.stem for path in (ROOT / "benchmarks").glob("*.py")} - LIBRARIES)
    for name in arguments.names:
        if name not in known:
            raise Refusal(f"there is no benchmark {name!r}: choose from {', '.join(known)}.")
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    failed = 0
    for name in arguments.names or known:
        failed |= subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], env=environ).returncode
    return 1 if failed else 0


VERB = Verb("bench", "run the benchmarks", run, (options,), Needs.PAGES | Needs.TOOLS)
