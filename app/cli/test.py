"""`daybook test`: pytest, in this process's place, with what the tests need. Paths are relative to the root."""

import argparse
import os
import sys

from app.cli.verb import Verb
from app.setup.bootstrap import Needs
from app.setup.browser import find_chromium
from app.setup.environment import ROOT
from app.setup.kurrent import find_kurrent


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs="*", metavar="PYTEST ARGS", help="passed to pytest as they are")


def run(arguments: argparse.Namespace) -> int:
    found = {"DAYBOOK_CHROMIUM": find_chromium(), "DAYBOOK_KURRENT_PYTHON": find_kurrent()}
    environ = {**os.environ, **{name: str(path) for name, path in found.items()}}
    os.chdir(ROOT)
    python = sys.executable
    os.execve(python, [python, "-P", "-m", "pytest", *arguments.arguments], environ)  # noqa: S606


VERB = Verb("test", "run the whole suite", run, (options,), Needs.PAGES | Needs.TOOLS)
