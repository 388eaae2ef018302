"""Programs of the distribution. A folder with an `apt-get` of our own replaces the PATH, so nothing is installed."""

import os
from pathlib import Path

import pytest

from app.refusal import Refusal
from app.setup import environment, messages
from app.setup.debian import Program

PEBBLE = Program("pebble", "DAYBOOK_PEBBLE")
APT_GET = """#!/bin/sh
[ "$1" = install ] || exit 0
for package; do :; done
echo > "{folder}/$package"
/bin/chmod +x "{folder}/$package"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(environment, "CACHE", tmp_path / ".cache")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(PEBBLE.variable, raising=False)
    return tmp_path


def with_apt_get(folder: Path) -> None:
    (folder / "apt-get").write_text(APT_GET.format(folder=folder))
    (folder / "apt-get").chmod(0o755)


def test_a_program_is_the_one_in_the_variable_or_on_the_path(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert PEBBLE.known() is None
    (folder / "pebble").touch(mode=0o755)
    assert PEBBLE.obtain() == folder / "pebble"
    monkeypatch.setenv(PEBBLE.variable, "/opt/pebble")
    assert PEBBLE.obtain() == Path("/opt/pebble")


def test_root_installs_a_program_that_is_missing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_apt_get(folder)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert PEBBLE.obtain() == folder / "pebble"


def test_other_users_are_refused_with_what_to_install_or_set(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_apt_get(folder)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(Refusal) as refused:
        PEBBLE.obtain()
    assert str(refused.value) == PEBBLE.absent == messages.not_on_the_path("pebble", "DAYBOOK_PEBBLE")
    assert refused.value.code == 1


@pytest.mark.usefixtures("folder")
def test_tests_are_told_that_they_go_without_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert PEBBLE.find() is None
    assert messages.tests_skipped(PEBBLE.absent) in capsys.readouterr().err
