"""Who may do what to a stream: the question that the Streams service asks, and the answer of a node without users.

`doors` answers it for a node that has them.
"""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Any, Protocol

from embedded.call import Call, RpcError, Status


class Action(StrEnum):
    """What is done to a stream, by the letter that ACLs have for it."""

    READ = "r"
    WRITE = "w"
    DELETE = "d"


class Access(Protocol):
    """What the caller of one call may do. A stream without a name is $all, as it is for EventStoreDB."""

    def may(self, action: Action, stream: str) -> bool: ...

    async def while_readable(self, stream: str, subscription: Awaitable[None]) -> None:
        """Run `subscription`; end it with `denied` once a change of rights says that it may not be read any more."""


Admit = Callable[[Call], Awaitable[Access]]
"""Who is calling, and what they may do; raises RpcError (UNAUTHENTICATED) where that cannot be believed."""


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
    """`identifier`: a StreamIdentifier. Asked before the name is looked at more closely, as the real server does."""
    return access.may(action, identifier.stream_name.decode(errors="replace"))


def require(access: Access, action: Action, identifier: Any) -> None:
    """Raises RpcError."""
    if not permits(access, action, identifier):
        raise denied()


def denied() -> RpcError:
    return RpcError(Status.PERMISSION_DENIED, "Access Denied", [("exception", "access-denied")])
