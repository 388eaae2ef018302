"""The front of the aggregate `user`: personal data in plain text in, receipts out.

Personal data is sealed here, before it is decided on. The calls of the key store block, so a thread makes them.
"""

import asyncio
from typing import Any, Final
from uuid import UUID

import msgspec

from commands.cache import Cache
from commands.context import Context
from commands.deciding import NO_TERMS, Terms
from commands.handler import Handler
from domain.identifiers import UserId
from domain.users import (
    USERS,
    CreateUser,
    DeleteUser,
    Known,
    UnknownUser,
    UpdateUser,
    User,
    UserCommand,
    UserIdRetired,
    messages,
)
from domain.users.personal import parse_email, parse_name, parse_phone
from eventstore.personal.keys import KEY_BYTES, KeyDestroyed, KeyStore
from eventstore.personal.sealing import seal
from eventstore.store import EventStore, Recorded

PARSERS: Final = {"name": parse_name, "email": parse_email, "phone": parse_phone}
FIELDS: Final = tuple(PARSERS)
"""The fields of personal data, each sealed by itself."""


class Personal(msgspec.Struct, frozen=True, kw_only=True):
    """A person's data in plain text. In an update, UNSET stays as it is; None clears it. Raises InvalidInput."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    email: str | msgspec.UnsetType | None = msgspec.UNSET
    phone: str | msgspec.UnsetType | None = msgspec.UNSET

    def __post_init__(self) -> None:
        for field, parse in PARSERS.items():
            text = getattr(self, field)
            if isinstance(text, str):
                msgspec.structs.force_setattr(self, field, parse(text))

    @property
    def sent(self) -> dict[str, str | None]:
        return {
            name: text for name, text in msgspec.structs.asdict(self).items() if text is not msgspec.UNSET
        }


class UserReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """Where the effect of a command is in the log. `repeated`: an earlier answer is given again.

    `position` and `event_id`, that of the last event, are None if nothing was appended: in a dry run of a new command.
    """

    user_id: UserId
    revision: int
    position: int | None
    event_id: UUID | None
    repeated: bool


class Users:
    """Raises as `commands.handler.Handler` does; what needs a key also raises KeysUnavailable."""

    def __init__(self, store: EventStore, keys: KeyStore, *, cache: Cache | None = None) -> None:
        self._handler = Handler(USERS, store, cache=cache)
        self._keys = keys

    async def create(
        self, user_id: UserId, personal: Personal, context: Context, terms: Terms = NO_TERMS
    ) -> UserReceipt:
        key = await self._new_key(user_id, dry_run=terms.dry_run)
        sealed = _sealed(key, user_id, personal, context.command_id)
        command = CreateUser(user_id=user_id, command_id=context.command_id, **sealed)
        return await self.handle(command, context, terms)

    async def update(
        self, user_id: UserId, personal: Personal, context: Context, terms: Terms = NO_TERMS
    ) -> UserReceipt:
        key = await self._key_of(user_id)
        sealed = _sealed(key, user_id, personal, context.command_id)
        command = UpdateUser(user_id=user_id, command_id=context.command_id, **sealed)
        return await self.handle(command, context, terms)

    async def delete(self, user_id: UserId, context: Context, terms: Terms = NO_TERMS) -> UserReceipt:
        """After a crash before the key is destroyed, a repetition destroys it, or `destroy_key`."""
        command = DeleteUser(user_id=user_id, command_id=context.command_id)
        receipt = await self.handle(command, context, terms)
        if not terms.dry_run:
            await self.destroy_key(user_id)
        return receipt

    async def destroy_key(self, user_id: UserId) -> None:
        """Of somebody who was deleted. Again is harmless."""
        await asyncio.to_thread(self._keys.destroy, user_id)

    async def handle(self, command: UserCommand, context: Context, terms: Terms = NO_TERMS) -> UserReceipt:
        (outcome,) = await self._handler.handle([command], [context], terms)
        return UserReceipt(
            user_id=command.user_id,
            revision=outcome.revision,
            position=outcome.position,
            event_id=outcome.event_id,
            repeated=outcome.repeated,
        )

    async def state(self, user_id: UserId) -> User:
        """The person's state as the log holds it now."""
        return await self._handler.state(user_id)

    def forget(self, stream: str) -> None:
        self._handler.forget(stream)

    def forget_all(self) -> None:
        self._handler.forget_all()

    def follow(self, recorded: Recorded) -> None:
        self._handler.follow(recorded)

    async def close(self) -> None:
        await self._handler.close()

    async def _new_key(self, user_id: UserId, *, dry_run: bool) -> bytes:
        """A dry run makes no key: what it seals is recorded nowhere. Raises UserIdRetired."""
        if dry_run:
            return await asyncio.to_thread(self._keys.get, user_id) or bytes(KEY_BYTES)
        try:
            return await asyncio.to_thread(self._keys.create, user_id)
        except KeyDestroyed as error:
            raise UserIdRetired(messages.user_id_retired(user_id)) from error

    async def _key_of(self, user_id: UserId) -> bytes:
        """Somebody whose key was lost with the key store gets a new one. Raises UnknownUser."""
        key = await asyncio.to_thread(self._keys.get, user_id)
        if key is not None:
            return key
        if not isinstance(await self.state(user_id), Known):
            raise UnknownUser(messages.unknown_user(user_id))
        try:
            return await asyncio.to_thread(self._keys.create, user_id)
        except KeyDestroyed as error:
            raise UnknownUser(messages.user_is_deleted(user_id)) from error


def _sealed(key: bytes, user_id: UserId, personal: Personal, command_id: UUID) -> dict[str, Any]:
    return {
        field: None if text is None else seal(key, user_id, field, text, command_id)
        for field, text in personal.sent.items()
    }
