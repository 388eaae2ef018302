"""`daybook test`: pytest in this process's place, with what it needs. Paths are relative to the root."""

import argparse
import os
import sys
from pathlib import Path

from app import environment
from app.browser import find_chromium
from app.environment import ROOT


def test(arguments: argparse.Namespace) -> int:
    found = {"DAYBOOK_CHROMIUM": find_chromium(), "DAYBOOK_KURRENT_PYTHON": find_kurrent()}
    environ = {**os.environ, **{name: str(path) for name, path in found.items()}}
    os.chdir(ROOT)
    python = sys.executable
    os.execve(python, [python, "-P", "-m", "pytest", *arguments.arguments], environ)  # noqa: S606


def find_kurrent() -> Path:
    """DAYBOOK_KURRENT_PYTHON, or the Python of an environment that is made on first use: it has kurrentdbclient,
    whose grpcio is newer than the one that esdbclient allows.
    """
    if named := os.environ.get("DAYBOOK_KURRENT_PYTHON"):
        return Path(named)
    directory, locks = ROOT / ".venv-kurrent", [ROOT / "requirements-kurrent.lock"]
    if not environment.is_made(directory, locks):
        with environment.alone():
            environment.ensure(directory, locks)
    return directory / "bin" / "python"
