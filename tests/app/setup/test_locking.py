"""Locks from wheels that are made here, without any registry."""

import json
from pathlib import Path

import pytest

from app.refusal import Refusal
from app.setup import bundle, environment, locking, messages
from app.setup.locking import lock
from tests.app.setup.wheels import wheel
from tests.kit.messages import pattern_of

PYPROJECT = """
[project]
name = "beach"
version = "1.0"
requires-python = ">=3.11"
dependencies = ["pebble"]
[dependency-groups]
dev = ["gravel"]
kurrent = []
npm = []
[tool.uv]
no-index = true
find-links = ["."]
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for module in (environment, locking):
        monkeypatch.setattr(module, "ROOT", tmp_path)
        monkeypatch.setattr(module, "CACHE", tmp_path / ".cache")
    packages = tmp_path / "package.json", tmp_path / "package-lock.json"
    monkeypatch.setattr(bundle, "PACKAGES", packages)
    monkeypatch.setattr(bundle, "PACKAGE_LOCK", packages[1])
    for file in packages:
        file.write_text(json.dumps({"name": "beach", "lockfileVersion": 3, "packages": {}}))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    (tmp_path / "locks").mkdir()
    (tmp_path / "locks" / "unneeded.txt").write_text("sand  # pebble: nothing of it is loaded\n")
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    for name, needs in {"pebble": ["sand"], "gravel": ["pebble", "sand"], "sand": []}.items():
        wheel(tmp_path, "1.0", name, needs)
    return tmp_path


def versions(file: Path) -> list[str]:
    return [line.split()[0] for line in file.read_text().splitlines() if "==" in line]


def test_a_lock_has_versions_hashes_origins_and_no_address(root: Path) -> None:
    assert set(lock(upgrade=False)) >= {"locks/runtime.txt", "locks/dev.txt"}
    text = (root / "locks" / "runtime.txt").read_text()
    assert text.startswith("pebble==1.0 \\\n    --hash=sha256:")
    assert "# via beach (pyproject.toml)" in text
    for file in (root / "locks").iterdir():
        assert "://" not in file.read_text()
        assert str(root) not in file.read_text()


def test_packages_not_needed_at_run_time_are_left_out_only_of_the_runtime_lock(root: Path) -> None:
    lock(upgrade=False)
    assert versions(root / "locks" / "runtime.txt") == ["pebble==1.0"]
    assert versions(root / "locks" / "dev.txt") == ["gravel==1.0", "pebble==1.0", "sand==1.0"]


def test_locked_versions_are_kept_until_an_upgrade(root: Path) -> None:
    lock(upgrade=False)
    wheel(root, "2.0", "pebble", [])
    assert lock(upgrade=False) == []
    assert set(lock(upgrade=True)) == {"locks/runtime.txt", "locks/dev.txt"}
    assert versions(root / "locks" / "runtime.txt") == ["pebble==2.0"]
    assert "pebble==2.0" in versions(root / "locks" / "dev.txt")


def test_requirements_that_cannot_be_resolved_are_refused_and_the_lock_stays(root: Path) -> None:
    lock(upgrade=False)
    before = (root / "locks" / "runtime.txt").read_text()
    (root / "pyproject.toml").write_text(PYPROJECT.replace('"pebble"', '"pebble==3.0"'))
    failed = pattern_of(messages.step_failed, step=messages.resolving("locks/runtime.txt"))
    with pytest.raises(Refusal, match=failed):
        lock(upgrade=False)
    assert (root / "locks" / "runtime.txt").read_text() == before
