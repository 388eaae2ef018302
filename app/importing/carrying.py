"""An import that was started elsewhere, on a page: read its file as its newest run says, book it, record what comes."""

import asyncio
from datetime import date
from uuid import UUID

from app.importing import berka, plain
from app.importing.booking import Progress, Wishes, book
from app.importing.recording import Record
from app.importing.report import Report
from app.importing.statement import Statement
from app.importing.surveying import ACTOR
from app.importing.table import Malformed
from app.importing.uploads import Uploads
from app.messages import importing as messages
from commands.imports import Imports
from domain.imports import ImportTakenOver, Standing, UnderWay
from domain.imports import messages as on_imports
from eventstore.store import EventLog, EventStore


async def carry_out(
    store: EventStore, event_log: EventLog, imports: Imports, uploads: Uploads, import_id: UUID, run: UUID
) -> Report:
    """`run` is one of the import's; only the newest one is carried out.

    Raises what ends it, one of `recording.ENDINGS`, which is recorded too.
    """
    found = await imports.state(import_id)
    if not isinstance(found, UnderWay) or found.standing.run != run:
        raise ImportTakenOver(on_imports.import_taken_over(str(import_id)))
    standing = found.standing

    async def work(progress: Progress) -> Report:
        progress("reading", 0, 0)
        statement = await asyncio.to_thread(_read, uploads, standing)
        return await book(store, event_log, statement, wishes_of(standing, import_id), progress)

    return await Record(imports, import_id, run, ACTOR).keep(work, lambda doing, done, of: None)


def wishes_of(run: Standing, import_id: UUID) -> Wishes:
    return Wishes(
        check=run.only_check,
        book_similar=run.book_similar,
        all_new=run.all_new,
        correlation_id=str(import_id),
    )


def _read(uploads: Uploads, run: Standing) -> Statement:
    """Raises Malformed also if the file is no longer what it was."""
    statement = _statement(uploads, run)
    if statement.digest != run.digest:
        raise Malformed(messages.file_damaged(run.file, messages.OTHER_DIGEST))
    return statement


def _statement(uploads: Uploads, run: Standing) -> Statement:
    uploads.use(run.digest)
    file = uploads.path(run.digest)
    if run.format == berka.NAME:
        return berka.read(file, name=run.file)
    return plain.read(file, run.currency, today=date.today(), shorten_notes=run.shorten_notes, name=run.file)
