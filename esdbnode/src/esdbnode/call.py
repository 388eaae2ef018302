"""One gRPC call as the protocol rules see it; the HTTP/2 front implements it.

A handler is `async def handler(call: Call) -> None` per RPC path (`/event_store.client.streams.Streams/Read`).
Returning ends the call with status OK; raising `RpcError` ends it with that status and trailers; any other exception
is logged and ends it with UNKNOWN. When the client resets the call, goes away, or its deadline (`grpc-timeout`)
passes, the handler's task is cancelled.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from enum import IntEnum
from typing import Protocol


class Status(IntEnum):
    """gRPC status codes. Source: grpc/grpc doc/statuscodes.md."""

    OK = 0
    CANCELLED = 1
    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    ABORTED = 10
    OUT_OF_RANGE = 11
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    DATA_LOSS = 15
    UNAUTHENTICATED = 16


class RpcError(Exception):
    """Ends a call with `status`, a message for people, trailers for clients (bytes if a name ends in `-bin`)."""

    def __init__(
        self, status: Status, message: str, trailers: Sequence[tuple[str, str | bytes]] = ()
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.trailers = tuple(trailers)


class Call(Protocol):
    @property
    def path(self) -> str:
        """`/package.Service/Method`."""

    @property
    def metadata(self) -> Mapping[str, str]:
        """The request's headers, names in lower case, without HTTP/2 pseudo-headers."""

    def messages(self) -> AsyncIterator[bytes]:
        """The request's messages, unframed, until the client half-closes.

        At most one window of unread bytes is held: the client can send more only after a read.
        """

    async def send(self, messages: Sequence[bytes]) -> None:
        """Send encoded response messages, packed into as few DATA frames as the windows allow.

        Returns when they are written to the transport; waits while the client's flow-control window or the socket is
        full, so that a slow reader costs no more memory than the `messages` given.
        """

    def send_now(self, messages: Sequence[bytes]) -> bool:
        """As `send`, if it need not wait. False: it would, and nothing was sent."""


Handler = Callable[[Call], Awaitable[None]]
