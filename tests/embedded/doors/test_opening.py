"""Which doors the node refuses to open, and what it says: one sentence or two, and exit code 2."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.processes.children import child_environment
from tests.embedded.doors.kit import node_options
from tests.kit.node import PROJECT


def refusal(*options: str) -> str:
    ended = subprocess.run(
        [sys.executable, "-m", "app", "node", "--memory", "--port", "0", *options],
        cwd=PROJECT,
        env=child_environment(),
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.count("\n") == 1, ended.stderr
    return ended.stderr


def tls(certificates: Path) -> list[str]:
    return ["--tls-cert", str(certificates / "node.crt"), "--tls-key", str(certificates / "node.key")]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])
def test_beyond_this_machine_without_tls_and_users(host: str) -> None:
    said = refusal("--host", host)
    assert host in said
    assert "--tls-cert, --tls-key and --users" in said


def test_beyond_this_machine_without_users(certificates: Path) -> None:
    assert "--users" in refusal("--host", "0.0.0.0", *tls(certificates))


def test_users_without_tls(users_file: Path) -> None:
    assert "in clear" in refusal("--users", str(users_file))


def test_a_certificate_without_its_key_and_a_key_without_its_certificate(certificates: Path) -> None:
    assert "--tls-key" in refusal("--tls-cert", str(certificates / "node.crt"))
    assert "--tls-cert" in refusal("--tls-key", str(certificates / "node.key"))


def test_a_certificate_that_is_not_there(tmp_path: Path, certificates: Path) -> None:
    missing = str(tmp_path / "none.crt")
    assert missing in refusal("--tls-cert", missing, "--tls-key", str(certificates / "node.key"))


def test_a_key_that_is_not_of_the_certificate(certificates: Path) -> None:
    certificate = str(certificates / "ca.crt")
    assert "mismatch" in refusal("--tls-cert", certificate, "--tls-key", str(certificates / "node.key"))


def test_a_certificate_that_is_none(tmp_path: Path, certificates: Path) -> None:
    (tmp_path / "nonsense").write_text("nonsense")
    key = str(certificates / "node.key")
    assert "PEM" in refusal("--tls-cert", str(tmp_path / "nonsense"), "--tls-key", key)


def test_a_users_file_that_is_not_there(tmp_path: Path, certificates: Path) -> None:
    said = refusal(*node_options(certificates, tmp_path / "none"))
    assert "daybook node-user" in said


def test_a_users_file_that_is_damaged(tmp_path: Path, certificates: Path) -> None:
    (tmp_path / "users").write_text('{"users": {"alice": {"hash": "secret"}}}')
    assert "damaged" in refusal(*node_options(certificates, tmp_path / "users"))
