"""Personal data as people write it: one line of text each. It is checked here and then sealed."""

import re
import unicodedata
from typing import Final

from domain.errors import InvalidEmail, InvalidName, InvalidPhone
from domain.users import messages

NAME_LENGTH: Final = 200
EMAIL_LENGTH: Final = 254
PHONE_LENGTH: Final = 40

_REFUSED: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode categories: controls, lone surrogates, line and paragraph separators."""
_BIDI: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that turn the direction of writing: with them a name could look like another one."""
_is_address: Final = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+").fullmatch
_is_phone: Final = re.compile(r"(?=.*[0-9])[0-9 +().-]+", re.ASCII).fullmatch


def parse_name(text: str) -> str:
    """Without spaces around it. Raises InvalidName."""
    name = text.strip()
    if not 0 < len(name) <= NAME_LENGTH or not _is_plain(text):
        raise InvalidName(messages.not_a_name(NAME_LENGTH))
    return name


def parse_email(text: str) -> str:
    """Without spaces around it. Raises InvalidEmail."""
    email = text.strip()
    if len(email) > EMAIL_LENGTH or not _is_plain(text) or not _is_address(email):
        raise InvalidEmail(messages.not_an_email(EMAIL_LENGTH))
    return email


def parse_phone(text: str) -> str:
    """Without spaces around it. Raises InvalidPhone."""
    phone = text.strip()
    if len(phone) > PHONE_LENGTH or not _is_phone(phone):
        raise InvalidPhone(messages.not_a_phone_number(PHONE_LENGTH))
    return phone


def _is_plain(text: str) -> bool:
    return not any(mark in _BIDI or unicodedata.category(mark) in _REFUSED for mark in text)
