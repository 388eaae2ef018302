"""The identity of the log that a process writes to: the id of its first event."""

import asyncio
from collections.abc import Sequence
from typing import Final

from eventstore.store import EventStore, NoSuchPosition, StoreError

PAUSE: Final = 5.0


class LogId:
    """`value` is the id of the log's first event in streams named with `prefixes`; "": it has none; None: unknown."""

    def __init__(self, store: EventStore, prefixes: Sequence[str]) -> None:
        self._store = store
        self._prefixes = prefixes
        self._position: int | None = None
        self.value: str | None = None

    async def is_other(self, log: str | None) -> bool:
        """Whether the id `log`, which a projector has stated, is that of another log."""
        if log and self.value == "":  # it may have got its first event just now
            await self.refresh()
        return bool(log) and self.value not in (log, None)

    async def keep(self) -> None:
        """Until cancelled: ask from time to time, since a log may be restored from a copy."""
        while True:
            await self.refresh()
            await asyncio.sleep(PAUSE)

    async def refresh(self) -> None:
        """What is known stays if the log does not answer."""
        try:
            first = await self._store.first(prefixes=self._prefixes, start=self._position)
        except NoSuchPosition:
            self._position = None
        except StoreError:
            return
        else:
            self.value, self._position = (first.event_id, first.position) if first else ("", None)
