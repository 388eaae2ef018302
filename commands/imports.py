"""The front of the aggregate `import`: starts, progress and ends of imports in, their events out."""

from uuid import UUID

from commands.booking import Outcome
from commands.cache import Cache
from commands.context import Context
from commands.deciding import NO_TERMS, Terms
from commands.handler import Handler
from domain.imports import IMPORTS, EndImport, Import, ImportCommand, ImportEvent, RecordProgress, StartImport
from eventstore.store import EventStore, Recorded

__all__ = ["EndImport", "Imports", "RecordProgress", "StartImport"]


class Imports:
    """Raises as `commands.handler.Handler` does."""

    def __init__(self, store: EventStore, *, cache: Cache | None = None) -> None:
        self._handler = Handler(IMPORTS, store, cache=cache)

    async def handle(
        self, command: ImportCommand, context: Context, terms: Terms = NO_TERMS
    ) -> Outcome[ImportEvent]:
        (outcome,) = await self._handler.handle([command], [context], terms)
        return outcome

    async def state(self, import_id: UUID) -> Import:
        """The import's state as the log holds it now."""
        return await self._handler.state(str(import_id))

    def forget(self, stream: str) -> None:
        self._handler.forget(stream)

    def forget_all(self) -> None:
        self._handler.forget_all()

    def follow(self, recorded: Recorded) -> None:
        self._handler.follow(recorded)

    async def close(self) -> None:
        await self._handler.close()
