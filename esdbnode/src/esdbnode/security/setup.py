"""The node's security: none, TLS, or TLS and users. Other machines are served only with both."""

import contextlib
import ipaddress
import ssl
from pathlib import Path
from typing import NamedTuple

from esdbnode.security.refusal import CannotSecure
from esdbnode.security.tls import context


class Security(NamedTuple):
    """`tls` None: no encryption. `users` None: everyone may do everything."""

    tls: ssl.SSLContext | None
    users: Path | None


def security_of(host: str, certificate: Path | None, key: Path | None, users: Path | None) -> Security:
    """Raises CannotSecure if the options do not go together or a file cannot be used."""
    if (certificate is None) != (key is None):
        raise CannotSecure(
            "A certificate needs its key, and a key its certificate: give both --tls-cert and --tls-key."
        )
    if users is not None and certificate is None:
        raise CannotSecure(
            "Without TLS, passwords would be sent in clear text: give --tls-cert and --tls-key with --users."
        )
    if users is None and not is_loopback(host):
        raise CannotSecure(
            f"Without TLS and users, the node serves only this machine, and {host} is not a loopback address: "
            "use 127.0.0.1, or give --tls-cert, --tls-key and --users."
        )
    return Security(context(certificate, key) if certificate and key else None, users)


def is_loopback(host: str) -> bool:
    with contextlib.suppress(ValueError):
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    return False
