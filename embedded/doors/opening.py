"""How the doors stand: open, or with TLS and users. Beyond this machine the node only listens with both."""

import contextlib
import ipaddress
import ssl
from pathlib import Path
from typing import NamedTuple

from embedded.doors.refusal import CannotOpenDoors
from embedded.doors.tls import context


class Doors(NamedTuple):
    """`tls` None: in clear. `users` None: everyone may do everything."""

    tls: ssl.SSLContext | None
    users: Path | None


def doors(host: str, certificate: Path | None, key: Path | None, users: Path | None) -> Doors:
    """Raises CannotOpenDoors where the options do not go together or a file cannot be used."""
    if (certificate is None) != (key is None):
        raise CannotOpenDoors("A certificate and its key go together: give both --tls-cert and --tls-key.")
    if users is not None and certificate is None:
        raise CannotOpenDoors(
            "Without TLS passwords would be sent in clear: give --tls-cert and --tls-key with --users."
        )
    if users is None and not is_loopback(host):
        raise CannotOpenDoors(
            f"Without TLS and users the node listens on this machine only, and {host} is not a loopback address: "
            "use 127.0.0.1, or give --tls-cert, --tls-key and --users."
        )
    return Doors(context(certificate, key) if certificate and key else None, users)


def is_loopback(host: str) -> bool:
    with contextlib.suppress(ValueError):
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    return False
