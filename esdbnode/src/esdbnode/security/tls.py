"""The node's certificate."""

import ssl
from pathlib import Path

from esdbnode.security.refusal import CannotSecure
from esdbnode.wording import startup


def context(certificate: Path, key: Path) -> ssl.SSLContext:
    """For a server, TLS 1.2 or later. `certificate`: PEM, followed by its chain. `key`: PEM, without a passphrase."""
    for file in (certificate, key):
        try:
            file.read_bytes()
        except OSError as error:
            raise CannotSecure(startup.cannot_read_pem(str(file), str(error.strerror))) from None
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        made.load_cert_chain(certificate, key, password=lambda: "")
    except (ssl.SSLError, ValueError) as error:
        raise CannotSecure(
            startup.not_a_certificate_and_its_key(str(certificate), str(key), _reason(error))
        ) from None
    return made


def _reason(error: Exception) -> str:
    """OpenSSL's own words, if there are any. For a missing PEM block there are none."""
    reason = getattr(error, "reason", None) or str(error)
    return str(reason).replace("_", " ").lower()
