"""The connections of a web process: which of them it waits for, and which one goes when there are too many."""

import asyncio
from collections import OrderedDict
from typing import Protocol

from uvicorn.server import ServerState

from web.http.limits import Limits


class Occupant(Protocol):
    has_place: bool

    def close(self) -> None: ...

    def look(self, now: float) -> None: ...


class Room(ServerState):
    """uvicorn hands it to each connection."""

    def __init__(self, limits: Limits) -> None:
        super().__init__()
        self.limits = limits
        self._all: set[Occupant] = set()
        self._waiting: OrderedDict[Occupant, None] = OrderedDict()
        """In the order in which something of use was last heard from them. A connection whose answer is under way is
        not among them; so live updates are not.
        """

    def enter(self, new: Occupant) -> bool:
        """Whether there is a place for it, now that another one has left if need be."""
        self._all.add(new)
        has_place = len(self._all) <= self.limits.connections or self._evict()
        self.waits(new)
        return has_place

    def leave(self, connection: Occupant) -> None:
        self._all.discard(connection)
        self.no_longer_waits(connection)

    def waits(self, connection: Occupant) -> None:
        self._waiting[connection] = None
        self._waiting.move_to_end(connection)

    def no_longer_waits(self, connection: Occupant) -> None:
        self._waiting.pop(connection, None)

    def look(self) -> None:
        """Each connection ends if its time is over."""
        now = asyncio.get_running_loop().time()
        for connection in list(self._all):
            connection.look(now)

    def _evict(self) -> bool:
        """Whether a place is free afterwards: without one were only those that came when all others were busy."""
        longest = next(iter(self._waiting), None)
        if longest is None:
            return False
        self.leave(longest)
        longest.close()
        return longest.has_place
