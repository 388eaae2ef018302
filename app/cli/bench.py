"""`daybook bench`: runs the benchmarks one after the other, each with its own servers."""

import argparse
import os
import subprocess
import sys

from app.cli.verb import Verb
from app.messages import verbs as messages
from app.refusal import Refusal
from app.setup.bootstrap import Needs
from app.setup.environment import NODE, ROOT, search_path

LIBRARIES = {"__init__", "kit"}


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: all of them")


def run(arguments: argparse.Namespace) -> int:
    folders = dict.fromkeys(own(), ROOT) | {"node": NODE}
    for name in arguments.names:
        if name not in folders:
            raise Refusal(messages.not_a_benchmark(name, sorted(folders)))
    failed = 0
    for name in arguments.names or sorted(folders):
        environ = {**os.environ, "PYTHONPATH": os.pathsep.join((str(folders[name]), search_path()))}
        argv = [sys.executable, "-P", "-m", f"benchmarks.{name}"]
        failed |= subprocess.run(argv, env=environ).returncode
    return 1 if failed else 0


def own() -> set[str]:
    """A benchmark is a module, or a package that can be run."""
    folder = ROOT / "benchmarks"
    packages = {path.parent.name for path in folder.glob("*/__main__.py")}
    return packages | {path.stem for path in folder.glob("*.py")} - LIBRARIES


VERB = Verb("bench", "run the benchmarks", run, (options,), Needs.PAGES | Needs.TOOLS)
