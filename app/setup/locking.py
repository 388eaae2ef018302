"""Makes the locks: exact versions with hashes, for every platform, without the address of any registry.

uv resolves the requirements in pyproject.toml, npm those in static/package.json; each uses the registry of its own
configuration. A locked package keeps its version as long as that version fits.
"""

import shutil
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from app.setup import bundle, environment, messages
from app.setup.environment import CACHE, ROOT, run, tell

SOURCES: Final[Mapping[str, Sequence[str]]] = {
    "locks/runtime.txt": ("pyproject.toml", "--excludes", "locks/unneeded.txt"),
    "locks/dev.txt": ("--group", "dev", "--constraints", "locks/runtime.txt"),
    "locks/kurrent.txt": ("--group", "kurrent"),
    "locks/npm.txt": ("--group", "npm"),
}
"""The source of each lock. The tools of `dev` are added to the environment of `runtime`, so they fit its versions."""


def lock(*, upgrade: bool) -> list[str]:
    """Makes all locks. Returns the names of those that changed."""
    files = [*(ROOT / name for name in SOURCES), bundle.PACKAGE_LOCK]
    before = [file.read_bytes() if file.exists() else b"" for file in files]
    with environment.alone():
        for name, sources in SOURCES.items():
            _compile(name, sources, upgrade)
        _lock_npm(upgrade)
    return [
        str(file.relative_to(ROOT))
        for file, was in zip(files, before, strict=True)
        if file.read_bytes() != was
    ]


def _compile(name: str, sources: Sequence[str], upgrade: bool) -> None:
    tell(messages.resolving(name))
    wanted = ["--universal", "--python-version", _oldest_python(), "--generate-hashes"]
    written = ["--no-header", "--no-emit-index-url", "--no-emit-find-links", "--output-file", name]
    python = ["--python", sys.executable, "--no-python-downloads"]
    uv = str(Path(sys.executable).parent / "uv")
    again = ["--upgrade"] if upgrade else []
    argv = [uv, "pip", "compile", "--quiet", *sources, *wanted, *written, *python, *again]
    run(argv, messages.resolving(name), cwd=ROOT)


def _oldest_python() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return str(project["requires-python"]).removeprefix(">=")


def _lock_npm(upgrade: bool) -> None:
    """Runs in a separate folder, because npm would also lock packages that are installed next to the file."""
    tell(messages.resolving(str(bundle.PACKAGE_LOCK.relative_to(ROOT))))
    work = CACHE / "lock"
    bundle.copy_packages(work)
    command = "update" if upgrade else "install"
    options = ["--package-lock-only", "--omit-lockfile-registry-resolved", *bundle.QUIET]
    run([*bundle.find_npm().npm, command, *options], messages.npm(command), cwd=work)
    shutil.copy(work / bundle.PACKAGE_LOCK.name, bundle.PACKAGE_LOCK)
    shutil.rmtree(work)
