"""Imports from pages, carried out in this process, over any log; and an importer for tests that import nothing."""

from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from uuid import UUID

from app.importing.carrying import carry_out
from app.importing.importer import Importer
from app.importing.recording import ENDINGS
from app.importing.uploads import Uploads
from commands.imports import Imports
from eventstore.memory import MemoryLog, MemoryStore, Records
from eventstore.store import EventLog, EventStore


class Importing(Importer):
    """Without processes."""

    def __init__(self, store: EventStore, open_log: Callable[[], EventLog], folder: Path) -> None:
        imports, uploads = Imports(store), Uploads(folder)

        async def here(import_id: UUID, run: UUID) -> str:
            with suppress(*ENDINGS), closing(open_log()) as event_log:
                await carry_out(store, event_log, imports, uploads, import_id, run)
            return ""

        super().__init__(uploads, imports, here)


def no_imports() -> Importer:
    """Of an empty log. It makes no folder."""
    records = Records()
    return Importing(MemoryStore(records), lambda: MemoryLog(records), Path("/nonexistent"))
