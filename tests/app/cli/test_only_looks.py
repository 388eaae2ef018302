"""A verb that only looks makes nothing: a mistyped data folder is refused."""

import os
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest

from app.messages import running as messages
from tests.kit.node import PROJECT


@pytest.mark.parametrize(
    "verb",
    [
        "status",
        "parked",
        "tail",
        "verify",
        "test-from account-a",
        "trace order-7",
        f"transfer show {UUID(int=1)}",
    ],
)
@pytest.mark.parametrize("exists", [False, True])
def test_a_mistyped_data_folder_is_refused_and_not_made(tmp_path: Path, verb: str, exists: bool) -> None:
    mistyped = tmp_path / "vra"
    if exists:
        mistyped.mkdir()
    done = subprocess.run(
        [sys.executable, "-P", "-m", "app", *verb.split(), "--data", str(mistyped)],
        cwd=PROJECT,
        env={**os.environ, "DAYBOOK_LOG": "warning"},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert messages.no_log_there(str(mistyped)) in done.stderr
    assert mistyped.exists() is exists
    assert not exists or list(mistyped.iterdir()) == []
