"""Access to streams: the interface that the Streams service uses, and its implementation for a node without users.

The package `security` implements it for a node with users.
"""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Any, Protocol

from esdbnode.call import Call, RpcError, Status
from esdbnode.wording import protocol


class Action(StrEnum):
    """An action on a stream. The value is the letter that ACLs use for it."""

    READ = "r"
    WRITE = "w"
    DELETE = "d"


class Access(Protocol):
    """The rights of one call's caller. The empty stream name is $all, as in EventStoreDB."""

    def may(self, action: Action, stream: str) -> bool: ...

    async def while_readable(self, stream: str, subscription: Awaitable[None]) -> None:
        """Run `subscription`; end it with `denied` if a change of rights forbids reading the stream."""


Admit = Callable[[Call], Awaitable[Access]]
"""Returns the rights of a call's caller. Raises RpcError (UNAUTHENTICATED) if the credentials are wrong."""


class Anyone:
    """A node without users: everyone may do everything."""

    def may(self, _action: Action, _stream: str) -> bool:
        return True

    async def while_readable(self, _stream: str, subscription: Awaitable[None]) -> None:
        await subscription


_ANYONE = Anyone()


async def admit_anyone(_call: Call) -> Access:
    return _ANYONE


def permits(access: Access, action: Action, identifier: Any) -> bool:
    """`identifier`: a StreamIdentifier. Called before the name is checked, as in the real server."""
    return access.may(action, identifier.stream_name.decode(errors="replace"))


def require(access: Access, action: Action, identifier: Any) -> None:
    """Raises RpcError."""
    if not permits(access, action, identifier):
        raise denied()


def denied() -> RpcError:
    return RpcError(Status.PERMISSION_DENIED, protocol.ACCESS_DENIED, [("exception", "access-denied")])
