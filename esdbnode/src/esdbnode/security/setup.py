"""The node's security: none, TLS, or TLS and users. Other machines are served only with both."""

import contextlib
import ipaddress
import ssl
from pathlib import Path
from typing import NamedTuple

from esdbnode.security.refusal import CannotSecure
from esdbnode.security.tls import context
from esdbnode.wording import startup


class Security(NamedTuple):
    """`tls` None: no encryption. `users` None: everyone may do everything."""

    tls: ssl.SSLContext | None
    users: Path | None


def security_of(host: str, certificate: Path | None, key: Path | None, users: Path | None) -> Security:
    """Raises CannotSecure if the options do not go together or a file cannot be used."""
    if (certificate is None) != (key is None):
        raise CannotSecure(startup.CERTIFICATE_OR_KEY_MISSING)
    if users is not None and certificate is None:
        raise CannotSecure(startup.USERS_WITHOUT_TLS)
    if users is None and not is_loopback(host):
        raise CannotSecure(startup.not_a_loopback_address(host))
    return Security(context(certificate, key) if certificate and key else None, users)


def is_loopback(host: str) -> bool:
    with contextlib.suppress(ValueError):
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    return False
