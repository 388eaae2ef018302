"""Which doors the node has: none, TLS, or TLS and users. Other machines are served only with both."""

import contextlib
import ipaddress
import ssl
from pathlib import Path
from typing import NamedTuple

from esdbnode.doors.refusal import CannotOpenDoors
from esdbnode.doors.tls import context


class Doors(NamedTuple):
    """`tls` None: no encryption. `users` None: everyone may do everything."""

    tls: ssl.SSLContext | None
    users: Path | None


def doors(host: str, certificate: Path | None, key: Path | None, users: Path | None) -> Doors:
    """Raises CannotOpenDoors if the options do not go together or a file cannot be used."""
    if (certificate is None) != (key is None):
        raise CannotOpenDoors(
            "A certificate needs its key, and a key its certificate: give both --tls-cert and --tls-key."
        )
    if users is not None and certificate is None:
        raise CannotOpenDoors(
            "Without TLS, passwords would be sent in clear text: give --tls-cert and --tls-key with --users."
        )
    if users is None and not is_loopback(host):
        raise CannotOpenDoors(
            f"Without TLS and users, the node serves this machine only, and {host} is not a loopback address: "
            "use 127.0.0.1, or give --tls-cert, --tls-key and --users."
        )
    return Doors(context(certificate, key) if certificate and key else None, users)


def is_loopback(host: str) -> bool:
    with contextlib.suppress(ValueError):
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    return False
