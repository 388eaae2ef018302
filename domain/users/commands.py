"""What is asked of a person. Personal data arrives sealed, and ids arrive in the command."""

from typing import final
from uuid import UUID, uuid5

import msgspec

from domain.identifiers import AccountId, UserId
from domain.users.events import Removal, Sealed


class _UserCommand(msgspec.Struct, frozen=True, kw_only=True):
    user_id: UserId
    command_id: UUID

    @property
    def aggregate_id(self) -> str:
        return self.user_id

    @property
    def effect_id(self) -> UUID:
        """The id of this command's effect on this person. One command id has another effect id on each person."""
        return uuid5(self.command_id, self.user_id)


@final
class CreateUser(_UserCommand, frozen=True, kw_only=True):
    name: Sealed
    email: Sealed | None = None
    phone: Sealed | None = None


@final
class UpdateUser(_UserCommand, frozen=True, kw_only=True):
    """A field that is UNSET stays as it is; None clears it. A name is never cleared."""

    name: Sealed | msgspec.UnsetType = msgspec.UNSET
    email: Sealed | msgspec.UnsetType | None = msgspec.UNSET
    phone: Sealed | msgspec.UnsetType | None = msgspec.UNSET


@final
class DeleteUser(_UserCommand, frozen=True, kw_only=True):
    pass


@final
class AddAccount(_UserCommand, frozen=True, kw_only=True):
    """Given before the account is opened. `opening` is the id of the command that then opens it."""

    account_id: AccountId
    currency: str
    opening: UUID


@final
class RemoveAccount(_UserCommand, frozen=True, kw_only=True):
    """Given after the account was closed, or could not be opened."""

    account_id: AccountId
    reason: Removal


UserCommand = CreateUser | UpdateUser | DeleteUser | AddAccount | RemoveAccount
