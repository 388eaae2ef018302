"""`daybook check`: format, lint, types, import contracts. All of them run, even if one fails."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from app.cli.verb import Verb
from app.setup.bootstrap import Needs
from app.setup.environment import NODE, ROOT, search_path

CHECKS = (
    ("format", ROOT, ("ruff", "format", "--check", ".", "daybook")),
    ("lint", ROOT, ("ruff", "check", ".", "daybook")),
    ("types", ROOT, ("mypy",)),
    ("types of the node", NODE, ("mypy",)),
    ("types of the script", ROOT, ("mypy", "daybook")),
    ("types of the pages' scripts", ROOT, ("python", "-m", "app.setup.typescript")),
    ("import contracts", ROOT, ("lint-imports",)),
)
SECONDS = 900
"""The longest that one check may take."""


def run(_: argparse.Namespace) -> int:
    failed = [name for name, folder, command in CHECKS if not _passes(name, folder, command)]
    print(f"failed: {', '.join(failed)}" if failed else "all checks passed", flush=True)
    return 1 if failed else 0


def _passes(name: str, folder: Path, command: tuple[str, ...]) -> bool:
    print(f"== {name}: {' '.join(command)}", flush=True)
    program, *arguments = command
    tools = Path(sys.executable).parent
    path = f"{tools}{os.pathsep}{os.environ.get('PATH', '')}"
    environ = {**os.environ, "PATH": path, "PYTHONPATH": search_path()}
    try:
        done = subprocess.run([tools / program, *arguments], cwd=folder, env=environ, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        print(f"{name} took more than {SECONDS} s", flush=True)
        return False
    return done.returncode == 0


VERB = Verb("check", "format, lint, types, import contracts", run, needs=Needs.TOOLS)
