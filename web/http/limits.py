"""What a client may use of a web process, apart from bodies (`bodies.py`) and live pages (`live/`). Each says why."""

import resource
from typing import Final

import msgspec


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Times are in seconds; the server looks at all connections about twice a second, so they may be longer by that."""

    head_bytes: int = 32 * 1024
    """Request line and headers together. Browsers send 1 to 4 KB; 32 KB leaves room for the cookies of other programs
    on the same host name, and for proxies that sign people in.
    """
    headers: int = 100
    """Browsers send about 20. Apache and hyper take as many by default."""
    head_seconds: float = 10
    """From the connection, or from the first byte of a later request, to the end of the headers. So it also ends
    connections on which nothing is ever sent. Headers fit into a few packets.
    """
    body_bytes: int = 1024
    body_seconds: float = 10
    """A body has to bring this many bytes in this time, again and again: the slowest modem does. A large upload
    takes as long as it takes.
    """
    idle_seconds: float = 30
    """Between two requests. Longer saves a browser a handshake and costs a place; a page keeps its stream anyway."""
    unread_seconds: float = 60
    """Without the client taking anything of an answer that waits for it. The kernel asks for more only when a third of
    its own buffer is free, which is about 1 MB: 20 KB a second are enough. A machine that sleeps reconnects later.
    """
    linger_seconds: float = 2
    """After a refusal what still comes is thrown away for this long: a reset would destroy the answer on its way."""
    waiting: int = 32
    """Requests on one connection that wait for the answer to an earlier one. Each costs about 2 KB."""
    connections: int = 4_000
    """Each costs about 11 KB. When there are more, the one goes from which the server has waited longest."""

    def within_open_files(self) -> "Limits":
        """These, with as many connections as this process may have. Raises its soft limit of open files if needed."""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        needed = self.connections + RESERVED_FILES
        if _allows(soft, needed):
            return self
        allowed = needed if _allows(hard, needed) else hard
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
        return msgspec.structs.replace(self, connections=max(allowed - RESERVED_FILES, allowed // 2))


BACKLOG: Final = 1024
"""Connections that the kernel accepts and keeps until the process takes them."""
RESERVED_FILES: Final = BACKLOG + 256
"""Descriptors for everything else: one loop may accept a whole backlog before it can close anything."""


def _allows(limit: int, files: int) -> bool:
    return limit == resource.RLIM_INFINITY or limit >= files
