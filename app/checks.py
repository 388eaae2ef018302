"""`daybook check`: format, lint, types, import contracts. All of them run, whichever fails."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from app.environment import ROOT

CHECKS = (
    ("format", ("ruff", "format", "--check", ".", "daybook")),
    ("lint", ("ruff", "check", ".", "daybook")),
    ("types", ("mypy",)),
    ("types of the script", ("mypy", "daybook")),
    ("types of the pages' scripts", ("python", "-m", "app.typescript")),
    ("import contracts", ("lint-imports",)),
)
SECONDS = 900
"""The longest that one check may take."""


def check(_: argparse.Namespace) -> int:
    failed = [name for name, command in CHECKS if not _passes(name, command)]
    print(f"failed: {', '.join(failed)}" if failed else "all checks passed", flush=True)
    return 1 if failed else 0


def _passes(name: str, command: tuple[str, ...]) -> bool:
    print(f"== {name}: {' '.join(command)}", flush=True)
    program, *arguments = command
    tools = Path(sys.executable).parent
    environ = {**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ.get('PATH', '')}"}
    try:
        done = subprocess.run([tools / program, *arguments], cwd=ROOT, env=environ, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        print(f"{name} took more than {SECONDS} s", flush=True)
        return False
    return done.returncode == 0
