"""How many small changes to `domain/` its tests notice: mutation testing with mutmut, on a copy in `.cache/mutation`.

mutmut changes one argument, operator or branch of one function at a time and runs the tests that reach it. A change
that no test notices survives: a test is missing, or the code is not needed. If a change cannot be seen from outside,
pyproject.toml says why (`tool.daybook.equivalent_mutants`); the settings of mutmut are there too (`tool.mutmut`).
"""

import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from app.messages import verbs as messages

FOLDER: Final = Path(".cache", "mutation")
NOTICED: Final = frozenset({"killed", "timeout"})

_MUTMUT: Final = (sys.executable, "-P", "-m", "mutmut")


class Mutant(msgspec.Struct, frozen=True):
    """`name` is mutmut's, for example `domain.money.x__decimal__mutmut_5`; `status` is a word, for example "killed"."""

    name: str
    status: str

    @property
    def module(self) -> str:
        return self.name.rpartition(".")[0]


class Change(msgspec.Struct, frozen=True):
    """The lines that a mutant takes out of `module`, and those that it puts in their place, without indentation."""

    module: str
    was: str
    becomes: str


class Equivalent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A change that makes no difference, and the reason."""

    module: str
    was: str
    becomes: str
    why: str

    @property
    def change(self) -> Change:
        return Change(self.module, self.was, self.becomes)


def mutate(root: Path) -> int:
    """Print the score and each unexplained survivor; 0 if there is none. Takes a few minutes."""
    folder = _laid_out(root)
    print(
        f"Changing domain/ and running its tests; this takes a few minutes. Log: {FOLDER / 'log'}",
        flush=True,
    )
    if not _ran(folder):
        return 1
    mutants = read_results(_asked(folder, "results", "--all", "true"))
    unnoticed = {
        each: read_change(each.module, _asked(folder, "show", each.name))
        for each in mutants
        if each.status not in NOTICED
    }
    lines, code = report(mutants, unnoticed, equivalents(root))
    print(*lines, sep="\n", flush=True)
    return code


def _laid_out(root: Path) -> Path:
    """mutmut writes into its working folder, so it runs in a separate folder with links to the tree."""
    folder = root / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    settings = _tools(root)["mutmut"]
    for name in (*settings["source_paths"], *settings["also_copy"], "tests", "pyproject.toml"):
        (folder / name).symlink_to(root / name)
    return folder


def _ran(folder: Path) -> bool:
    with (folder / "log").open("w", encoding="utf-8") as log:
        done = subprocess.run((*_MUTMUT, "run"), cwd=folder, stdout=log, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        tail = (folder / "log").read_text(encoding="utf-8").splitlines()[-20:]
        print(*tail, messages.mutmut_stopped(done.returncode), sep="\n", flush=True)
    return done.returncode == 0


def _asked(folder: Path, *arguments: str) -> str:
    return subprocess.run(
        (*_MUTMUT, *arguments), cwd=folder, check=True, capture_output=True, text=True
    ).stdout


def read_results(text: str) -> tuple[Mutant, ...]:
    """Parses lines like `    domain.money.x__decimal__mutmut_5: survived`."""
    pairs = (line.strip().rpartition(": ") for line in text.splitlines())
    return tuple(Mutant(name, status) for name, colon, status in pairs if colon)


def read_change(module: str, diff: str) -> Change:
    lines = [line for line in diff.splitlines() if not line.startswith(("---", "+++"))]
    was, becomes = (
        "\n".join(line[1:].strip() for line in lines if line.startswith(mark)) for mark in ("-", "+")
    )
    return Change(module, was, becomes)


def equivalents(root: Path) -> tuple[Equivalent, ...]:
    return msgspec.convert(_tools(root)["daybook"]["equivalent_mutants"], tuple[Equivalent, ...])


def _tools(root: Path) -> dict[str, Any]:
    tools: dict[str, Any] = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    return tools


def report(
    mutants: Sequence[Mutant], unnoticed: dict[Mutant, Change], explained: Iterable[Equivalent]
) -> tuple[list[str], int]:
    """What to print, and the exit code: 1 if a survivor is not explained, or an explanation is out of date."""
    reasons = {each.change: each.why for each in explained}
    unexplained = {mutant: change for mutant, change in unnoticed.items() if change not in reasons}
    outdated = [change for change in reasons if change not in unnoticed.values()]
    lines: list[str] = []
    for mutant, change in unexplained.items():
        lines += (messages.mutant_unnoticed(mutant.name, mutant.status), *_shown(change))
    for change in outdated:
        lines += (messages.explanation_outdated(change.module), *_shown(change))
    equivalent = len(unnoticed) - len(unexplained)
    noticed, of = len(mutants) - len(unnoticed), len(mutants) - equivalent
    share = f"{noticed / max(1, of):.1%}"
    lines.append(messages.changes_noticed(noticed, of, share, equivalent, len(unexplained)))
    return lines, 1 if unexplained or outdated or not mutants else 0


def _shown(change: Change) -> tuple[str, ...]:
    return (
        *(f"    - {line}" for line in change.was.splitlines()),
        *(f"    + {line}" for line in change.becomes.splitlines()),
    )
