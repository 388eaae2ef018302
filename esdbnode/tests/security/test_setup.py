"""Options for TLS and users that the node refuses: it says why in one line, and ends with exit code 2."""

import errno
import os
import re
from pathlib import Path

import pytest

from esdbnode.wording import startup
from tests.command import refusal
from tests.messages import pattern_of
from tests.security.kit import node_options


def start_refused(*options: str) -> str:
    return refusal("--memory", "--port", "0", *options)


def tls(certificates: Path) -> list[str]:
    return ["--tls-cert", str(certificates / "node.crt"), "--tls-key", str(certificates / "node.key")]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])
def test_beyond_this_machine_without_tls_and_users(host: str) -> None:
    assert start_refused("--host", host) == startup.not_a_loopback_address(host)


def test_beyond_this_machine_without_users(certificates: Path) -> None:
    said = start_refused("--host", "0.0.0.0", *tls(certificates))
    assert said == startup.not_a_loopback_address("0.0.0.0")


def test_users_without_tls(users_file: Path) -> None:
    assert start_refused("--users", str(users_file)) == startup.USERS_WITHOUT_TLS


def test_a_certificate_without_its_key_and_a_key_without_its_certificate(certificates: Path) -> None:
    for one in ("--tls-cert", str(certificates / "node.crt")), ("--tls-key", str(certificates / "node.key")):
        assert start_refused(*one) == startup.CERTIFICATE_OR_KEY_MISSING


def test_a_certificate_that_is_not_there(tmp_path: Path, certificates: Path) -> None:
    missing = str(tmp_path / "none.crt")
    said = start_refused("--tls-cert", missing, "--tls-key", str(certificates / "node.key"))
    assert said == startup.cannot_read_pem(missing, os.strerror(errno.ENOENT))


def test_a_key_that_is_not_of_the_certificate(certificates: Path) -> None:
    assert_not_a_pair(certificates / "ca.crt", certificates / "node.key")


def test_an_invalid_certificate_is_refused(tmp_path: Path, certificates: Path) -> None:
    (tmp_path / "nonsense").write_text("nonsense")
    assert_not_a_pair(tmp_path / "nonsense", certificates / "node.key")


def assert_not_a_pair(certificate: Path, key: Path) -> None:
    """The reason is in OpenSSL's words."""
    said = start_refused("--tls-cert", str(certificate), "--tls-key", str(key))
    message = startup.not_a_certificate_and_its_key
    assert re.fullmatch(pattern_of(message, certificate=str(certificate), key=str(key)), said)


def test_a_users_file_that_is_not_there(tmp_path: Path, certificates: Path) -> None:
    said = start_refused(*node_options(certificates, tmp_path / "none"))
    assert said == startup.cannot_read_users(str(tmp_path / "none"), os.strerror(errno.ENOENT))


def test_a_users_file_that_is_damaged(tmp_path: Path, certificates: Path) -> None:
    (tmp_path / "users").write_text('{"users": {"alice": {"hash": "secret"}}}')
    said = start_refused(*node_options(certificates, tmp_path / "users"))
    assert said == startup.users_damaged(str(tmp_path / "users"), startup.user_without_hash("alice"))
