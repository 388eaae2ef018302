"""Environments from a lock with hashes. A wheel that is made here replaces the index, so no network is needed."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from app.refusal import Refusal
from app.setup import environment, messages
from app.setup.environment import alone, ensure, is_made
from tests.app.setup.wheels import wheel
from tests.kit.messages import pattern_of


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "CACHE", tmp_path / ".cache")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    (tmp_path / "base.lock").write_text(wheel(tmp_path, "1.0"))
    return tmp_path


def installed(directory: Path, name: str = "pebble") -> str:
    asked = [str(directory / "bin" / "python"), "-c", f"import {name}; print({name}.version)"]
    return str(subprocess.check_output(asked, text=True, timeout=20)).strip()


def test_an_environment_is_made_once_and_made_again_for_another_lock(root: Path) -> None:
    directory, locks = root / ".venv", [root / "base.lock"]
    assert not is_made(directory, locks)
    ensure(directory, locks)
    assert is_made(directory, locks)
    assert installed(directory) == "1.0"
    (directory / "left-over").touch()
    ensure(directory, locks)
    assert (directory / "left-over").exists()
    (root / "base.lock").write_text(wheel(root, "2.0"))
    assert not is_made(directory, locks)
    ensure(directory, locks)
    assert installed(directory) == "2.0"
    assert not (directory / "left-over").exists()


def test_an_environment_whose_python_was_removed_is_made_again(root: Path) -> None:
    directory, locks = root / ".venv", [root / "base.lock"]
    ensure(directory, locks)
    (directory / "bin" / "python").unlink()
    (directory / "bin" / "python").symlink_to(root / "uninstalled")
    assert not is_made(directory, locks)
    ensure(directory, locks)
    assert installed(directory) == "1.0"


def test_a_half_made_environment_is_made_again(root: Path) -> None:
    directory, locks = root / ".venv", [root / "base.lock"]
    (directory / "bin").mkdir(parents=True)
    (directory / "bin" / "python").symlink_to(sys.executable)
    assert not is_made(directory, locks)
    ensure(directory, locks)
    assert installed(directory) == "1.0"


def test_a_failed_install_leaves_no_stamp_and_says_why(root: Path) -> None:
    (root / "base.lock").write_text("pebble==1.0 --hash=sha256:" + "0" * 64)
    failed = pattern_of(messages.step_failed, step=messages.installing("base.lock"))
    with pytest.raises(Refusal, match=failed) as refused:
        ensure(root / ".venv", [root / "base.lock"])
    assert "HASHES" in str(refused.value)
    assert not is_made(root / ".venv", [root / "base.lock"])


def test_developers_packages_are_added_to_the_environment_in_use(root: Path) -> None:
    directory, base, more = root / ".venv", root / "base.lock", root / "dev.lock"
    ensure(directory, [base])
    (directory / "left-over").touch()
    more.write_text(wheel(root, "1.0", "gravel"))
    assert not is_made(directory, [base, more])
    ensure(directory, [base, more])
    assert is_made(directory, [base])
    assert is_made(directory, [base, more])
    assert (directory / "left-over").exists()


def test_a_new_environment_has_every_lock(root: Path) -> None:
    directory, base, more = root / ".venv", root / "base.lock", root / "dev.lock"
    more.write_text(wheel(root, "1.0", "gravel"))
    ensure(directory, [base, more])
    assert (installed(directory), installed(directory, "gravel")) == ("1.0", "1.0")


def test_a_users_own_environment_behind_a_link_is_never_changed(root: Path, tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (root / ".venv").symlink_to(tmp_path / "theirs")
    ensure(root / ".venv", [root / "base.lock"])
    assert list((tmp_path / "theirs").iterdir()) == []


def test_a_python_that_cannot_make_environments_is_refused_with_a_hint(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    package = f"python3.{sys.version_info.minor}-venv"
    refusal = messages.no_ensurepip(sys.executable, package)
    with pytest.raises(Refusal, match=re.escape(refusal)) as refused:
        ensure(root / ".venv", [root / "base.lock"])
    assert refused.value.code == 2


def test_if_two_processes_set_up_at_once_one_waits_for_the_other(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = (
        "import sys, time, pathlib; from app.setup import environment;"
        "environment.CACHE = pathlib.Path(sys.argv[1]);"
        "lock = environment.alone(); lock.__enter__(); print('held', flush=True); time.sleep(1);"
        "pathlib.Path(sys.argv[1], 'first').touch()"
    )
    argv = [sys.executable, "-c", program, str(root / ".cache")]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]) as first:
        assert first.stdout
        assert first.stdout.readline() == b"held\n"
        with alone():
            assert (root / ".cache" / "first").exists()
        first.wait(timeout=10)
    assert capsys.readouterr().err == f"daybook: {messages.WAITING_FOR_ANOTHER}\n"


def test_a_folder_that_cannot_be_written_to_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "CACHE", root / "base.lock" / "below")
    refusal = pattern_of(messages.folder_not_writable, folder=str(root / "base.lock" / "below"))
    with pytest.raises(Refusal, match=refusal), alone():
        pass
