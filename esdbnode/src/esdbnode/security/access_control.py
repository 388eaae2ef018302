"""Says who is calling and what they may do. Implements `esdbnode.access` for a node with users."""

import asyncio
from collections.abc import Awaitable
from pathlib import Path

from esdbnode.access import Access, Action, denied
from esdbnode.call import Call
from esdbnode.security.rights import ALL, SETTINGS, Rights
from esdbnode.security.signin import SignIn
from esdbnode.security.users import User
from esdbnode.storage.log import Log


class AccessControl:
    """Belongs to the running event loop. Raises CannotSecure if the users file cannot be used."""

    def __init__(self, log: Log, users: Path) -> None:
        self._log = log
        self._sign_in = SignIn(users)
        self._rights = Rights(log)

    async def admit(self, call: Call) -> Access:
        return _Visitor(self._log, self._rights, await self._sign_in.user(call))

    def close(self) -> None:
        self._sign_in.close()


class _Visitor:
    def __init__(self, log: Log, rights: Rights, user: User | None) -> None:
        self._log = log
        self._rights = rights
        self._user = user

    def may(self, action: Action, stream: str) -> bool:
        return self._rights.may(self._user, action, stream)

    async def while_readable(self, stream: str, subscription: Awaitable[None]) -> None:
        if self._user is not None and self._user.is_admin:
            return await subscription
        following = asyncio.ensure_future(subscription)
        watching = asyncio.ensure_future(self._until_denied(stream))
        try:
            await asyncio.wait((following, watching), return_when=asyncio.FIRST_COMPLETED)
        finally:
            following.cancel()
            watching.cancel()
            await asyncio.wait((following, watching))
        return watching.result() if following.cancelled() else following.result()

    async def _until_denied(self, stream: str) -> None:
        while self.may(Action.READ, stream):
            await self._log.written(f"$${stream or ALL}", SETTINGS)
        raise denied()
