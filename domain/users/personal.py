"""Personal data as people write it: one line of text each. It is checked here and then sealed."""

import re
from typing import Final

from domain.errors import InvalidEmail, InvalidName, InvalidPhone
from domain.marks import first_refused, has_something_to_see, name_of
from domain.messages import not_for_lines
from domain.users import messages

NAME_LENGTH: Final = 200
EMAIL_LENGTH: Final = 254
PHONE_LENGTH: Final = 40

_is_address: Final = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+").fullmatch
_is_phone: Final = re.compile(r"(?=.*[0-9])[0-9 +().-]+", re.ASCII).fullmatch


def parse_name(text: str) -> str:
    """Without spaces around it. Raises InvalidName."""
    name = text.strip()
    if len(name) > NAME_LENGTH or not has_something_to_see(name):
        raise InvalidName(messages.not_a_name(NAME_LENGTH))
    if mark := first_refused(text):
        raise InvalidName(not_for_lines(name_of(mark)))
    return name


def parse_email(text: str) -> str:
    """Without spaces around it. Raises InvalidEmail."""
    email = text.strip()
    if len(email) > EMAIL_LENGTH or first_refused(text) or not _is_address(email):
        raise InvalidEmail(messages.not_an_email(EMAIL_LENGTH))
    return email


def parse_phone(text: str) -> str:
    """Without spaces around it. Raises InvalidPhone."""
    phone = text.strip()
    if len(phone) > PHONE_LENGTH or not _is_phone(phone):
        raise InvalidPhone(messages.not_a_phone_number(PHONE_LENGTH))
    return phone
