"""Ids of aggregates: a type for each, and the parser that makes it from text that comes from outside."""

import re
from typing import Final, NewType

from domain.errors import InvalidAccountId, InvalidUserId

AccountId = NewType("AccountId", str)
UserId = NewType("UserId", str)

_LONGEST: Final = 64
_matches: Final = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{_LONGEST - 1}}}", re.ASCII).fullmatch
_RULE: Final = f"Use 1 to {_LONGEST} letters, digits, '.', '_' or '-'; the first is a letter or a digit."


def parse_account_id(text: str) -> AccountId:
    """Raises InvalidAccountId."""
    if _matches(text) is None:
        raise InvalidAccountId(f"{text[:80]!r} is not a valid account id. {_RULE}")
    return AccountId(text)


def parse_user_id(text: str) -> UserId:
    """Raises InvalidUserId."""
    if _matches(text) is None:
        raise InvalidUserId(f"{text[:80]!r} is not a valid user id. {_RULE}")
    return UserId(text)
