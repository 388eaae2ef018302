"""From a person's event back to the command that it came from. What is sealed stays sealed, with another text."""

from collections.abc import Sequence
from typing import Any, assert_never
from uuid import UUID

from domain.users import (
    AccountAdded,
    AccountRemoved,
    AddAccount,
    CreateUser,
    DeleteUser,
    RemoveAccount,
    UpdateUser,
    User,
    UserCommand,
    UserCreated,
    UserDeleted,
    UserEvent,
    UserUpdated,
)


def commands_of(
    command_id: UUID, after: Sequence[UserEvent], _before: Sequence[UserEvent], _state: User
) -> tuple[UserCommand, ...]:
    """As in app.specs.accounts."""
    event = after[-1]
    common: dict[str, Any] = {"user_id": event.user_id, "command_id": command_id}
    match event:
        case UserCreated():
            return (CreateUser(**common, name=event.name, email=event.email, phone=event.phone),)
        case UserUpdated():
            return (UpdateUser(**common, name=event.name, email=event.email, phone=event.phone),)
        case UserDeleted():
            return (DeleteUser(**common),)
        case AccountAdded():
            own: dict[str, Any] = {
                "account_id": event.account_id,
                "currency": event.currency,
                "opening": event.opening,
            }
            return (AddAccount(**common, **own),)
        case AccountRemoved():
            return (RemoveAccount(**common, account_id=event.account_id, reason=event.reason),)
        case _:
            assert_never(event)


def sealed(number: int) -> str:
    """Has the form of sealed text, and no key opens it."""
    return f"1.sealed-{number:020}"
