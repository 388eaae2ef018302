"""Options for TLS and users that the node refuses: it says why in one line, and ends with exit code 2."""

from pathlib import Path

import pytest

from tests.command import refusal
from tests.security.kit import node_options


def start_refused(*options: str) -> str:
    return refusal("--memory", "--port", "0", *options)


def tls(certificates: Path) -> list[str]:
    return ["--tls-cert", str(certificates / "node.crt"), "--tls-key", str(certificates / "node.key")]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])
def test_beyond_this_machine_without_tls_and_users(host: str) -> None:
    said = start_refused("--host", host)
    assert host in said
    assert "--tls-cert, --tls-key and --users" in said


def test_beyond_this_machine_without_users(certificates: Path) -> None:
    assert "--users" in start_refused("--host", "0.0.0.0", *tls(certificates))


def test_users_without_tls(users_file: Path) -> None:
    assert "in clear" in start_refused("--users", str(users_file))


def test_a_certificate_without_its_key_and_a_key_without_its_certificate(certificates: Path) -> None:
    assert "--tls-key" in start_refused("--tls-cert", str(certificates / "node.crt"))
    assert "--tls-cert" in start_refused("--tls-key", str(certificates / "node.key"))


def test_a_certificate_that_is_not_there(tmp_path: Path, certificates: Path) -> None:
    missing = str(tmp_path / "none.crt")
    assert missing in start_refused("--tls-cert", missing, "--tls-key", str(certificates / "node.key"))


def test_a_key_that_is_not_of_the_certificate(certificates: Path) -> None:
    certificate = str(certificates / "ca.crt")
    assert "mismatch" in start_refused("--tls-cert", certificate, "--tls-key", str(certificates / "node.key"))


def test_an_invalid_certificate_is_refused(tmp_path: Path, certificates: Path) -> None:
    (tmp_path / "nonsense").write_text("nonsense")
    key = str(certificates / "node.key")
    assert "PEM" in start_refused("--tls-cert", str(tmp_path / "nonsense"), "--tls-key", key)


def test_a_users_file_that_is_not_there(tmp_path: Path, certificates: Path) -> None:
    said = start_refused(*node_options(certificates, tmp_path / "none"))
    assert "esdbnode add-user" in said


def test_a_users_file_that_is_damaged(tmp_path: Path, certificates: Path) -> None:
    (tmp_path / "users").write_text('{"users": {"alice": {"hash": "secret"}}}')
    assert "damaged" in start_refused(*node_options(certificates, tmp_path / "users"))
