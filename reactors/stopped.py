"""Which reactors are stopped, kept in memory: for who may not wait for the log."""

import asyncio
from collections.abc import Sequence
from typing import Final

from eventstore.store import EventStore, StoreError
from reactors.reactor import Reactor
from reactors.status import status

PAUSE: Final = 10.0


class StoppedReactors:
    """`problems` has a sentence for each one that is stopped, as far as is known."""

    def __init__(self, store: EventStore, reactors: Sequence[Reactor]) -> None:
        self._store = store
        self._reactors = reactors
        self.problems: tuple[str, ...] = ()

    async def keep(self) -> None:
        """Until cancelled: look from time to time."""
        while True:
            await self.refresh()
            await asyncio.sleep(PAUSE)

    async def refresh(self) -> None:
        """What is known stays if the log does not answer."""
        try:
            found = await status(self._store, self._reactors)
        except StoreError:
            return
        self.problems = tuple(each.problem for each in found if each.problem)
