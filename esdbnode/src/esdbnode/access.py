"""Who may do what to a stream: the question that the Streams service asks, and the answer of a node without users.

The package `doors` answers it for a node with users.
"""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Any, Protocol

from esdbnode.call import Call, RpcError, Status


class Action(StrEnum):
    """What is done to a stream, as the letter that ACLs use for it."""

    READ = "r"
    WRITE = "w"
    DELETE = "d"


class Access(Protocol):
    """What the caller of one call may do. The empty name is $all, as in EventStoreDB."""

    def may(self, action: Action, stream: str) -> bool: ...

    async def while_readable(self, stream: str, subscription: Awaitable[None]) -> None:
        """Run `subscription`; end it with `denied` once a change of rights forbids reading the stream."""


Admit = Callable[[Call], Awaitable[Access]]
"""Who is calling, and what they may do; raises RpcError (UNAUTHENTICATED) if the credentials are wrong."""


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
    """`identifier`: a StreamIdentifier. Asked before the name is checked, as the real server does."""
    return access.may(action, identifier.stream_name.decode(errors="replace"))


def require(access: Access, action: Action, identifier: Any) -> None:
    """Raises RpcError."""
    if not permits(access, action, identifier):
        raise denied()


def denied() -> RpcError:
    return RpcError(Status.PERMISSION_DENIED, "Access Denied", [("exception", "access-denied")])
