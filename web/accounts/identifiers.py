"""Ids of accounts: reading typed ones, and making new ones."""

import base64
from uuid import UUID, uuid5

from domain.errors import InvalidAccountId
from domain.identifiers import AccountId, parse_account_id


def typed_account_id(text: str) -> AccountId:
    """Raises InvalidAccountId."""
    return parse_account_id(text.strip())


def is_account_id(text: str) -> bool:
    try:
        parse_account_id(text)
    except InvalidAccountId:
        return False
    return True


def new_account_id(command: UUID) -> AccountId:
    """For an account without a given id: 60 bits of the command's id, so that a retry opens the same account."""
    digest = uuid5(command, "account").bytes
    return AccountId(base64.b32encode(digest).decode().lower()[:12])
