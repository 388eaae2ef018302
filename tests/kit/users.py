"""Short forms for commands and events of person "anna". Ids are numbered as in tests.kit.accounts.

`sealed("Anna")` is text that looks as if it was sealed: the domain never opens it.
"""

import atexit
import base64
import tempfile
from pathlib import Path
from typing import Any, Final
from uuid import uuid5

from domain.identifiers import AccountId, UserId
from domain.users import (
    USERS,
    AccountAdded,
    AccountRemoved,
    AddAccount,
    CreateUser,
    DeleteUser,
    RemoveAccount,
    UpdateUser,
    UserCommand,
    UserCreated,
    UserDeleted,
    UserUpdated,
)
from domain.users.events import Removal
from eventstore.personal.keys import KeyStore
from eventstore.personal.sqlite import SqliteKeys
from tests.kit.accounts import an_id
from tests.kit.journal import Journal, tell
from tests.kit.spec import rules

USER: Final = UserId("anna")
given: Final = rules(USERS)


def fresh_keys() -> KeyStore:
    """An empty key store, removed at the end of the tests."""
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    return SqliteKeys(Path(folder.name))


def sealed(text: str) -> str:
    return "1." + base64.urlsafe_b64encode(text.encode() + bytes(28)).decode().rstrip("=")


def create_user(number: int, *, name: str = "Anna", user: str = USER, **others: str) -> CreateUser:
    return CreateUser(**_asked(number, user), name=sealed(name), **_sealed(others))


def update_user(number: int, *, user: str = USER, **changes: str | None) -> UpdateUser:
    return UpdateUser(**_asked(number, user), **_sealed(changes))


def delete_user(number: int, *, user: str = USER) -> DeleteUser:
    return DeleteUser(**_asked(number, user))


def add_account(number: int, account: str = "a", *, currency: str = "CZK", user: str = USER) -> AddAccount:
    """For the opening with id `number`."""
    return AddAccount(
        **_asked(number, user), account_id=AccountId(account), currency=currency, opening=an_id(number)
    )


def remove_account(
    number: int, account: str = "a", *, reason: Removal = "closed", user: str = USER
) -> RemoveAccount:
    return RemoveAccount(**_asked(number, user), account_id=AccountId(account), reason=reason)


def user_created(number: int, *, name: str = "Anna", user: str = USER, **others: str) -> UserCreated:
    return UserCreated(**_happened(number, user), name=sealed(name), **_sealed(others))


def user_updated(number: int, *, user: str = USER, **changes: str | None) -> UserUpdated:
    return UserUpdated(**_happened(number, user), **_sealed(changes))


def user_deleted(number: int, *, user: str = USER) -> UserDeleted:
    return UserDeleted(**_happened(number, user))


def account_added(number: int, account: str = "a", *, user: str = USER) -> AccountAdded:
    return AccountAdded(
        **_happened(number, user), account_id=AccountId(account), currency="CZK", opening=an_id(number)
    )


def account_removed(
    number: int, account: str = "a", *, reason: Removal = "closed", user: str = USER
) -> AccountRemoved:
    return AccountRemoved(**_happened(number, user), account_id=AccountId(account), reason=reason)


def register(journal: Journal, command: UserCommand) -> int:
    """Decide `command` and append its events; returns the position."""
    return tell(journal, USERS, command)


def _asked(number: int, user: str) -> dict[str, Any]:
    return {"user_id": UserId(user), "command_id": an_id(number)}


def _happened(number: int, user: str) -> dict[str, Any]:
    return {"user_id": UserId(user), "effect_id": uuid5(an_id(number), user)}


def _sealed(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: None if text is None else sealed(text) for name, text in fields.items()}
