"""Imports from pages, carried out in this process, over any log; and an importer for tests that import nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import closing, suppress
from pathlib import Path
from uuid import UUID

from app.importing.carrying import carry_out
from app.importing.recording import ENDINGS
from app.importing.uploads import Uploads
from commands.imports import Imports
from eventstore.memory import MemoryLog, MemoryStore, Records
from eventstore.store import EventLog, EventStore


class Importing:
    """As `app.importing.importer.Importer`, but without processes."""

    is_full = False

    def __init__(self, store: EventStore, open_log: Callable[[], EventLog], folder: Path) -> None:
        self._store, self._open_log = store, open_log
        self._imports, self._uploads = Imports(store), Uploads(folder)
        self._running: set[asyncio.Task[None]] = set()

    async def keep(self, chunks: AsyncIterator[bytes]) -> str:
        return await self._uploads.keep(chunks)

    def has(self, digest: str) -> bool:
        return self._uploads.has(digest)

    def start(self, import_id: UUID) -> None:
        task = asyncio.create_task(self._carried_out(import_id))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def close(self) -> None:
        running = [*self._running]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await self._imports.close()

    async def _carried_out(self, import_id: UUID) -> None:
        with suppress(*ENDINGS), closing(self._open_log()) as event_log:
            await carry_out(self._store, event_log, self._imports, self._uploads, import_id)


def no_imports(records: Records | None = None) -> Importing:
    """Of a log that nothing is imported into. It makes no folder."""
    records = records or Records()
    return Importing(MemoryStore(records), lambda: MemoryLog(records), Path("/nonexistent"))
