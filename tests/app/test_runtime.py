"""The packages in locks/runtime.txt are enough: Daybook runs in an environment that has only those."""

import json
import os
import pty
import re
import signal
import subprocess
import sysconfig
import urllib.request
import venv
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

import pytest

from app.messages.running import daybook_is_up
from app.processes.addresses import running
from app.processes.children import child_environment
from app.setup.environment import LOCKS

STATEMENT = Path(__file__).parent / "importing" / "data" / "small.csv"
ABSENT = (
    "faker",
    "grpc_tools",
    "httpx",
    "pip",
    "polyfactory",
    "pygments",
    "rich_click",
    "setuptools",
    "valkey",
)


def locked() -> Iterator[str]:
    for name, marker in re.findall(
        r"^(\S+)==\S+ (;.*)?\\$", (LOCKS / "runtime.txt").read_text(), re.MULTILINE
    ):
        if not re.search(r"'win32'|python_full_version", marker) or "!=" in marker:
            yield name


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with links to this one's packages, but only to those in the runtime lock."""
    folder = tmp_path_factory.mktemp("runtime")
    venv.create(folder, symlinks=True, with_pip=False)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    for name in locked():
        for file in distribution(name).files or ():
            if file.parts[0] not in ("..", "__pycache__") and not (packages / file.parts[0]).exists():
                (packages / file.parts[0]).symlink_to(
                    Path(str(distribution(name).locate_file(file.parts[0])))
                )
    return folder / "bin" / "python"


@pytest.fixture(scope="module")
def data(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A complete Daybook that runs there."""
    folder = tmp_path_factory.mktemp("data")
    argv = [str(python), "-P", "-m", "app", "up", "--port", "0", "--data", str(folder)]
    environ = child_environment()
    with subprocess.Popen(argv, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as up:
        assert up.stdout
        assert daybook_is_up("http://").encode() in up.stdout.readline()
        yield folder
        up.send_signal(signal.SIGTERM)


def run(python: Path, *arguments: object, stderr: int = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    argv = [str(python), "-P", *map(str, arguments)]
    environ = child_environment()
    return subprocess.run(argv, env=environ, stdout=subprocess.PIPE, stderr=stderr, text=True, timeout=60)


@pytest.mark.parametrize("module", ABSENT)
def test_left_out_packages_are_missing(python: Path, module: str) -> None:
    assert f"No module named '{module}'" in run(python, "-c", f"import {module}").stderr


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
@pytest.mark.parametrize("page", ["/", "/api/schema", "/api/schema/openapi.json", "/api/accounts"])
def test_pages_and_the_api_are_served(data: Path, page: str, accept: str) -> None:
    found = running(data)
    assert found
    request = urllib.request.Request(f"{found.web}{page}", headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=10) as response:
        assert response.status == 200


def test_a_file_is_imported_with_a_progress_bar_and_the_books_are_right(python: Path, data: Path) -> None:
    ours, theirs = pty.openpty()
    imported = run(python, "-m", "app", "import", STATEMENT, "--json", "--data", data, stderr=theirs)
    os.close(theirs)
    assert "━" in os.read(ours, 65536).decode()
    os.close(ours)
    assert json.loads(imported.stdout)["booked"] == 5
    for verb in (["status"], ["tail", "--json"], ["rebuild"], ["verify"]):
        done = run(python, "-m", "app", *verb, "--data", data)
        assert (done.returncode, done.stderr, bool(done.stdout)) == (0, "", True)


def test_the_nodes_users_are_kept(python: Path, tmp_path: Path) -> None:
    argv = [str(python), "-P", "-m", "app", "node-user", "ada", "--users", str(tmp_path / "users")]
    done = subprocess.run(argv, env=child_environment(), input=b"a long password\n", timeout=30)
    assert done.returncode == 0
