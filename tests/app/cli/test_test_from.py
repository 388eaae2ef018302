"""`daybook test-from` on running servers: the test on standard output or in a file, and the refusals."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.messages import accounts as messages
from app.messages import transfers
from domain import messages as domain
from tests.kit.node import PROJECT
from tests.kit.stack import stack
from tests.kit.web import Api

pytestmark = pytest.mark.slow

KINDS_OF_STREAMS = ["account-ID", "user-ID", "transfer-ID"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Of a running Daybook with one account, which has two events."""
    folder = tmp_path_factory.mktemp("test-from")
    with stack(folder) as running:
        api = Api(running.url)
        api.deposit("jana", "5", note="for Jana")
        api.http.close()
        yield folder


def written(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "app", "test-from", *words, "--data", str(data)]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=60)


def test_the_test_passes_and_says_nothing_about_anybody(data: Path, tmp_path: Path) -> None:
    done = written(data, "account-jana")
    assert (done.returncode, done.stderr) == (0, "")
    assert "jana" not in done.stdout.casefold()
    file = tmp_path / "test_it.py"
    assert written(data, "account-jana", "--revision", "0", "--out", str(file)).stdout == ""
    assert file.read_text() == done.stdout  # both events are of one command
    command = [sys.executable, "-m", "pytest", "-q", "-c", "pyproject.toml", "--rootdir", ".", str(file)]
    assert subprocess.run(command, cwd=PROJECT, capture_output=True, timeout=60).returncode == 0


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["account-nobody"], 1, messages.no_such_stream("account-nobody")),
        (["account-jana", "--revision", "2"], 1, messages.no_such_revision("account-jana", 2, 1)),
        (
            ["account-jana", "--out", "/nowhere/x"],
            1,
            messages.not_written("/nowhere/x", "No such file or directory"),
        ),
        (["transfer-jana"], 2, transfers.not_a_transfer_id("jana")),
        (["account-a b"], 2, domain.not_an_account_id("a b", 64)),
        (["accounts"], 2, messages.not_a_stream("accounts", KINDS_OF_STREAMS)),
        (["$$account-jana"], 2, messages.not_a_stream("$$account-jana", KINDS_OF_STREAMS)),
    ],
)
def test_a_refusal_is_one_sentence(data: Path, words: list[str], code: int, sentence: str) -> None:
    done = written(data, *words)
    assert (done.returncode, done.stdout) == (code, "")
    (line,) = done.stderr.splitlines()
    assert line.endswith(sentence)
