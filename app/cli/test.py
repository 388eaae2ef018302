"""`daybook test`: runs pytest on several suites in parallel. Paths are relative to the root."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import IO, Final, NamedTuple

from app.cli.verb import Verb
from app.processes.children import dies_with_parent
from app.setup.bootstrap import Needs
from app.setup.browser import find_chromium
from app.setup.debian import FIREFOX, REDIS, WRK
from app.setup.environment import ROOT
from app.setup.kurrent import find_kurrent

FAST: Final = "--fast"
FAST_OPTIONS: Final = ("-p", "app.fast_tests", "-r", "fE", "-m", "not slow", "--ignore", "tests/browser")

NOTHING_COLLECTED: Final = 5
"""Pytest's exit code when it found no test to run."""

WITH_A_VALUE: Final = frozenset(("-c", "-k", "-m", "-o", "-p", "-r", "-W", "--deselect", "--ignore"))
"""Options of pytest whose value, the next argument, may look like a path."""

REPORTS: Final = ("--junitxml", "--junit-xml")


class Suite(NamedTuple):
    """Tests that run in one process of pytest: those in `folders`, which are `root` or in it.

    `needs` are files that its tests need, by the environment variable with the path. They are made before a run.
    Tests are skipped if a file that they need is None.
    """

    name: str
    root: str
    folders: Sequence[str]
    options: Sequence[str]
    needs: Mapping[str, Callable[[], Path | None]]


_NEEDS: Final = {"DAYBOOK_CHROMIUM": find_chromium, REDIS.variable: REDIS.find}
_BROWSER_NEEDS: Final = {**_NEEDS, FIREFOX.variable: FIREFOX.find}
_SYSTEM_NEEDS: Final = {**_NEEDS, WRK.variable: WRK.find}
_VERBS: Final = "app/cli"
_APP: Final = [f"app/{path.name}" for path in (ROOT / "tests/app").iterdir() if path.name[0] != "_"]
_SYSTEM: Final = ("domain", *sorted(set(_APP) - {_VERBS}))
_BROWSER: Final = ("browser", "faults")
_WEB: Final = ("web",)
_PARTS: Final = ("bank", "commands", "eventstore", "projections", "reactors")
_OF_NODE: Final = "esdbnode/tests"
_NODE_NEEDS: Final = {"ESDBNODE_KURRENT_PYTHON": find_kurrent}
SUITES: Final = (
    Suite("system", "tests", [f"tests/{part}" for part in _SYSTEM], (), _SYSTEM_NEEDS),
    Suite("verbs", "tests", [f"tests/{_VERBS}"], (), _SYSTEM_NEEDS),
    Suite("parts", "tests", [f"tests/{part}" for part in _PARTS], (), _NEEDS),
    Suite("web", "tests", [f"tests/{part}" for part in _WEB], (), _NEEDS),
    Suite("browser", "tests", [f"tests/{part}" for part in _BROWSER], (), _BROWSER_NEEDS),
    Suite("node", _OF_NODE, (_OF_NODE,), ("-c", "esdbnode/pyproject.toml"), _NODE_NEEDS),
)
"""Tests of pages in a browser and of faults spend much of their time waiting: they have a suite of their own."""


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--fast", action="store_true", help="only the tests that start no process")
    parser.add_argument("arguments", nargs="*", metavar="PYTEST ARGS", help="passed on to pytest unchanged")


def run(arguments: argparse.Namespace) -> int:
    """The exit code: 0 if each suite passed, 1 if one failed or no test was found."""
    os.chdir(ROOT)
    chosen = [word for word in arguments.arguments if word != FAST]
    fast = len(chosen) < len(arguments.arguments)
    suites = list(divide([*chosen, *(FAST_OPTIONS if fast else ())]))
    codes, received = _run(suites, with_needs=not fast)
    return 128 + received[0] if received else verdict(codes)


def verdict(codes: Sequence[int]) -> int:
    """A suite in which `-k` selects no test has not failed, if it selects a test in another suite."""
    return 0 if 0 in codes and set(codes) <= {0, NOTHING_COLLECTED} else 1


def divide(arguments: Sequence[str]) -> Iterator[tuple[Suite, list[str]]]:
    """The suites to run, each with its arguments: its own paths, or all of its tests if no path is given.

    If there are several, the name of a report gets that of its suite: `report.xml` becomes `report-node.xml`.
    """
    paths = [word for before, word in pairwise(["", *arguments]) if _is_path(before, word)]
    options = [word for word in arguments if word not in paths]
    chosen = [(suite, own) for suite in SUITES if (own := _paths_of(suite, paths or ["."]))]
    for suite, own in chosen:
        yield suite, [_named(word, suite) if len(chosen) > 1 else word for word in options] + own


def _is_path(before: str, word: str) -> bool:
    return before not in WITH_A_VALUE and not word.startswith("-") and _file(word).exists()


def _paths_of(suite: Suite, paths: Sequence[str]) -> list[str]:
    """The first suite also gets those that are in none."""
    strays = [path for path in paths if not any(_within(each, path) for each in SUITES)]
    own = [part for path in paths for part in _within(suite, path)]
    return own + strays if suite is SUITES[0] else own


def _within(suite: Suite, path: str) -> list[str]:
    """What is in the suite of a path: the path itself, all of the suite, or nothing."""
    wanted = _file(path)
    if any(wanted.is_relative_to(ROOT / folder) for folder in suite.folders):
        return [path]
    return whole(suite) if (ROOT / suite.root).is_relative_to(wanted) else []


def whole(suite: Suite) -> list[str]:
    """All of it. The root is named, and not the folders: pytest ignores no folder that is named itself."""
    others = [each for each in SUITES if each.root == suite.root and each is not suite]
    return [suite.root, *(f"--ignore={folder}" for other in others for folder in other.folders)]


def _named(option: str, suite: Suite) -> str:
    name, _, path = option.partition("=")
    if not path or name not in REPORTS:
        return option
    report = Path(path)
    return f"{name}={report.with_stem(f'{report.stem}-{suite.name}')}"


def _file(path: str) -> Path:
    """The file or folder of a path or a test id, for example `tests/app/test_up.py::test_it`."""
    return (ROOT / path.partition("::")[0]).resolve()


def _run(suites: Sequence[tuple[Suite, list[str]]], *, with_needs: bool) -> tuple[Sequence[int], list[int]]:
    """Pytest's exit codes, and the signals received in the meantime. Suites run in parallel because they mostly wait.

    The output of the first one is shown at once, the output of the others afterwards.
    """
    with ExitStack() as stack:
        outputs = [stack.enter_context(tempfile.TemporaryFile()) for _ in suites[1:]]
        processes = [
            _start(suite, chosen, output, with_needs=with_needs)
            for (suite, chosen), output in zip(suites, [None, *outputs], strict=True)
        ]
        received = stack.enter_context(_passing_on(processes))
        codes = [process.wait() for process in processes]
        for (suite, _), output in zip(suites[1:], outputs, strict=True):
            output.seek(0)
            print(f"== {suite.name}", flush=True)
            shutil.copyfileobj(output, sys.stdout.buffer)
            sys.stdout.flush()
    return codes, received


def _start(
    suite: Suite, chosen: Sequence[str], output: IO[bytes] | None, *, with_needs: bool
) -> subprocess.Popen[bytes]:
    needed = {name: str(path) for name, find in suite.needs.items() if with_needs and (path := find())}
    cache = f"cache_dir=.pytest_cache/{suite.name}"
    if output is None:
        print(f"== {suite.name}", flush=True)
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "pytest", "-o", cache, *suite.options, *chosen],
        stdout=output,
        stderr=output,
        env={**os.environ, **needed},
        preexec_fn=dies_with_parent(signal.SIGINT),
    )


@contextmanager
def _passing_on(processes: Sequence[subprocess.Popen[bytes]]) -> Iterator[list[int]]:
    """A signal to this process also interrupts the suites and ends their servers. Ctrl-C at a terminal reaches all."""
    received: list[int] = []

    def pass_on(number: int, _frame: object) -> None:
        received.append(number)
        if number != signal.SIGINT or not sys.stdin.isatty():
            for process in processes:
                process.send_signal(signal.SIGINT)

    before = {number: signal.signal(number, pass_on) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


VERB = Verb("test", "run the whole suite", run, (options,), Needs.PAGES | Needs.TOOLS)
