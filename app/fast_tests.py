"""A pytest plugin: tests that start a process are skipped. `./daybook test --fast` loads it."""

import sys
from typing import Final

import pytest

STARTS: Final = frozenset(
    ("subprocess.Popen", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn")
)
"""Python's audit events: https://docs.python.org/3/library/audit_events.html"""


def pytest_configure() -> None:
    sys.addaudithook(_skip)


def _skip(event: str, _: tuple[object, ...]) -> None:
    if event in STARTS:
        pytest.skip("it starts a process")
