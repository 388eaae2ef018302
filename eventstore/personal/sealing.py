"""Sealing of one field of a person's data: AES-256-GCM, deterministic for each command.

Sealed text is `1.` and, in base64url without padding, nonce (12 bytes), ciphertext and tag (16 bytes). A nonce is
made of everything that is sealed, so one key meets the same nonce again only with the same message. Why that is safe,
and needed: docs/adr/0025-personal-data-is-sealed-for-each-person.md. AES-GCM: NIST SP 800-38D; the idea of a nonce
made of the message: RFC 8452.
"""

import base64
import hmac
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from eventstore.personal import messages

VERSION: Final = "1."
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16


class Unsealable(Exception):
    """The text was not sealed with this key for this person and field, or it was changed."""


def seal(key: bytes, user_id: str, field: str, text: str, command_id: UUID) -> str:
    """The same for the same arguments, so that a repeated command is recognised by what it seals."""
    context, plain = _context(user_id, field), text.encode()
    nonce = _mac(_mac(key, b"nonce"), command_id.bytes + context + plain)[:_NONCE_BYTES]
    return VERSION + _encoded(nonce + _cipher(key).encrypt(nonce, plain, context))


def open_sealed(key: bytes, user_id: str, field: str, sealed: str) -> str:
    """The text that was sealed. Raises Unsealable."""
    try:
        raw = _decoded(sealed)
        return _cipher(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _context(user_id, field)).decode()
    except (InvalidTag, ValueError):
        raise Unsealable(messages.unsealable(field, user_id)) from None


def _context(user_id: str, field: str) -> bytes:
    """Each with its length in front, so that no other texts give the same bytes."""
    texts = (user_id.encode(), field.encode())
    return b"".join(len(text).to_bytes(4, "big") + text for text in texts)


def _cipher(key: bytes) -> AESGCM:
    return AESGCM(_mac(key, b"seal"))


def _mac(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sha256")


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decoded(sealed: str) -> bytes:
    """Only the one text that `seal` writes for these bytes is accepted."""
    text = sealed.removeprefix(VERSION)
    raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    if VERSION + _encoded(raw) != sealed or len(raw) < _NONCE_BYTES + _TAG_BYTES:
        raise ValueError(sealed)
    return raw
