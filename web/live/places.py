"""Who gets live updates, when there are more pages than places: no client address keeps the others out."""

from collections.abc import Iterator
from typing import Final

from web.live.waiting import Client

MOST: Final = 2_000
"""How many pages a process sends live updates to."""


class Places:
    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._by_address: dict[str, dict[Client, None]] = {}
        """The clients of each address, the oldest first."""
        self._count = 0

    def __iter__(self) -> Iterator[Client]:
        return (client for clients in self._by_address.values() for client in clients)

    def has_one_for(self, address: str) -> bool:
        """Whether a place is free, or the address with the most clients would still have as many as this one."""
        return self._count < self._most or len(self._fullest()) > len(self._by_address.get(address, ())) + 1

    def take(self, client: Client) -> None:
        """If all are taken, the oldest client of the address with the most of them makes room."""
        if self._count >= self._most:
            oldest = next(iter(self._fullest()))
            oldest.close()
            self.leave(oldest)
        self._by_address.setdefault(client.address, {})[client] = None
        self._count += 1

    def leave(self, client: Client) -> None:
        clients = self._by_address.get(client.address, {})
        if client in clients:
            del clients[client]
            self._count -= 1
        if not clients:
            self._by_address.pop(client.address, None)

    def _fullest(self) -> dict[Client, None]:
        return max(self._by_address.values(), key=len)
