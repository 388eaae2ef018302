"""Ids of aggregates: a type for each, and the parser that makes it from text that comes from outside."""

import re
from typing import Final, NewType

from domain import messages
from domain.errors import InvalidAccountId, InvalidUserId

AccountId = NewType("AccountId", str)
UserId = NewType("UserId", str)

LONGEST_ID: Final = 64
ID_PATTERN: Final = rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{LONGEST_ID - 1}}}"
_matches: Final = re.compile(ID_PATTERN, re.ASCII).fullmatch


def parse_account_id(text: str) -> AccountId:
    """Raises InvalidAccountId."""
    if _matches(text) is None:
        raise InvalidAccountId(messages.not_an_account_id(text, LONGEST_ID))
    return AccountId(text)


def parse_user_id(text: str) -> UserId:
    """Raises InvalidUserId."""
    if _matches(text) is None:
        raise InvalidUserId(messages.not_a_user_id(text, LONGEST_ID))
    return UserId(text)
