"""`daybook bench`: the benchmarks, one after the other, each on servers of its own."""

import argparse
import os
import subprocess
import sys

from app.environment import NODE, ROOT, search_path
from app.refusal import Refusal

LIBRARIES = {"__init__", "kit"}


def bench(arguments: argparse.Namespace) -> int:
    own = {path.stem for path in (ROOT / "benchmarks").glob("*.py")} - LIBRARIES
    folders = dict.fromkeys(own, ROOT) | {"node": NODE}
    for name in arguments.names:
        if name not in folders:
            raise Refusal(f"there is no benchmark {name!r}: choose from {', '.join(sorted(folders))}.")
    failed = 0
    for name in arguments.names or sorted(folders):
        environ = {**os.environ, "PYTHONPATH": os.pathsep.join((str(folders[name]), search_path()))}
        argv = [sys.executable, "-P", "-m", f"benchmarks.{name}"]
        failed |= subprocess.run(argv, env=environ).returncode
    return 1 if failed else 0
