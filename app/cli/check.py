"""`daybook check`: format, lint, types, import contracts, generated documents, fast tests.

All of them run, even if one fails.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from app.cli.test import FAST_OPTIONS
from app.cli.verb import Verb
from app.messages import verbs as messages
from app.setup.bootstrap import Needs
from app.setup.environment import NODE, ROOT, search_path

_REPORT = ("coverage", "report", "--skip-covered", "--fail-under=95")
CHECKS = (
    ("format", ROOT, ("ruff", "format", "--check", ".", "daybook")),
    ("lint", ROOT, ("ruff", "check", ".", "daybook")),
    ("types", ROOT, ("mypy",)),
    ("types of the node", NODE, ("mypy",)),
    ("types of the script", ROOT, ("mypy", "daybook")),
    ("types of the pages' scripts", ROOT, ("python", "-m", "app.setup.typescript")),
    ("import contracts", ROOT, ("lint-imports",)),
    ("generated documents", ROOT, ("python", "-m", "app.documents")),
    ("fast tests", ROOT, ("coverage", "run", "-m", "pytest", "-q", *FAST_OPTIONS, "tests")),
    ("coverage of the domain", ROOT, (*_REPORT, "--include=domain/*")),
    ("coverage of the read models", ROOT, (*_REPORT, "--include=projections/readmodels/*")),
)
FIXES = (
    ("format", ROOT, ("ruff", "format", ".", "daybook")),
    ("lint", ROOT, ("ruff", "check", "--fix", ".", "daybook")),
    ("generated documents", ROOT, ("python", "-m", "app.documents", "--fix")),
)
SECONDS = 900
"""The longest that one check may take."""


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--fix",
        action="store_true",
        help="first repair what can be repaired: format, imports, simple lint, documents",
    )


def run(arguments: argparse.Namespace) -> int:
    for name, folder, command in FIXES if arguments.fix else ():
        _passes(name, folder, command)
    failed = [name for name, folder, command in CHECKS if not _passes(name, folder, command)]
    print(messages.checks_failed(failed) if failed else messages.ALL_PASSED, flush=True)
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
        print(messages.check_took_too_long(name, SECONDS), flush=True)
        return False
    return done.returncode == 0


VERB = Verb(
    "check",
    "format, lint, types, import contracts, generated documents, fast tests",
    run,
    (options,),
    needs=Needs.PAGES | Needs.TOOLS,
)
