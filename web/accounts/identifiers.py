"""Ids of accounts: which texts are valid, and a new one."""

import base64
from uuid import UUID, uuid5

from domain.account import stream_of
from domain.errors import InvalidAccountId


def account_id(text: str) -> str:
    """Raises InvalidAccountId."""
    stream_of(text)
    return text


def typed_account_id(text: str) -> str:
    """Raises InvalidAccountId."""
    return account_id(text.strip())


def is_account_id(text: str) -> bool:
    try:
        account_id(text)
    except InvalidAccountId:
        return False
    return True


def new_account_id(command: UUID) -> str:
    """For an account without a given id: 60 bits of the command's id, so that a retry opens no second account."""
    digest = uuid5(command, "account").bytes
    return base64.b32encode(digest).decode().lower()[:12]
