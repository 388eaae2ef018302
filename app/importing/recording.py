"""The record of an import in the log: how far it is, at most once a second, and how it ended."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final
from uuid import UUID, uuid4

from app.importing.booking import Progress
from app.importing.contexts import context_of
from app.importing.report import Report
from app.importing.summing import summed_up
from app.importing.table import Malformed
from app.importing.together import insisting
from app.messages import importing as messages
from commands.handler import TooContended
from commands.imports import Imports
from domain.errors import DomainError
from domain.imports import (
    EndImport,
    ImportCommand,
    ImportDenied,
    RecordProgress,
    StartImport,
    Work,
)
from eventstore.store import StoreError

ENDINGS: Final = (Malformed, OSError, DomainError, StoreError, TooContended)
"""What ends an import early."""

_EVERY: Final = 1.0
"""Seconds between two records of progress."""
_LAST_WORD_SECONDS: Final = 2.0
"""How long an interrupted import may take to record that."""


def why(error: BaseException) -> str:
    """Why the import ended, in a sentence: for one of ENDINGS."""
    match error:
        case Malformed() | ImportDenied():
            return str(error)
        case OSError():
            return messages.ended_by_the_file(error.strerror or str(error))
        case DomainError():
            return messages.ended_by_a_rule(str(error))
        case _:
            return messages.ended_by_the_log(str(error))


class Record:
    """Of one run of an import, by whoever carries it out."""

    def __init__(self, imports: Imports, import_id: UUID, run: UUID, actor: str) -> None:
        self._imports, self._import_id, self._run, self._actor = imports, import_id, run, actor
        self._newest: tuple[Work, int, int] | None = None

    async def keep(self, work: Callable[[Progress], Awaitable[Report]], shown: Progress) -> Report:
        """What `work` does is recorded, and its progress `shown` too. Raises what ends it, one of ENDINGS."""
        try:
            report = await self._work(work, shown)
            await insisting(lambda: self.end(report))
        except ENDINGS as error:
            if not isinstance(error, ImportDenied):
                await self._last_word(why(error))
            raise
        except asyncio.CancelledError:
            await self._last_word(messages.STOPPED_EARLY)
            raise
        return report

    async def end(self, result: Report | str) -> None:
        """`result` is the report, or why there is none. Nothing happens if the run has ended before."""
        summary = result if isinstance(result, str) else summed_up(result)
        await self._record(
            EndImport(import_id=self._import_id, command_id=uuid4(), run=self._run, result=summary)
        )

    async def _work(self, work: Callable[[Progress], Awaitable[Report]], shown: Progress) -> Report:
        def note(doing: Work, done: int, of: int) -> None:
            self._newest = (doing, done, of)
            shown(doing, done, of)

        try:
            async with asyncio.TaskGroup() as group:
                telling = group.create_task(self._tell())
                report = await work(note)
                telling.cancel()
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None
        return report

    async def _tell(self) -> None:
        """Ends the work if another run has taken over."""
        told = None
        while True:
            if self._newest not in (None, told):
                told = self._newest
                await insisting(self._progress)
            await asyncio.sleep(_EVERY)

    async def _progress(self) -> None:
        assert self._newest
        doing, done, of = self._newest
        await self._record(
            RecordProgress(
                import_id=self._import_id, command_id=uuid4(), run=self._run, doing=doing, done=done, of=of
            )
        )

    async def _last_word(self, reason: str) -> None:
        """If the log takes it: the run may start again without it."""
        try:
            async with asyncio.timeout(_LAST_WORD_SECONDS):
                await self.end(reason)
        except (*ENDINGS, TimeoutError):
            pass

    async def _record(self, command: ImportCommand) -> None:
        await self._imports.handle(command, context_of(self._import_id, command.command_id, self._actor))


async def start(imports: Imports, command: StartImport, actor: str) -> UUID:
    """The run. Raises as `Imports.handle` does."""
    await insisting(lambda: imports.handle(command, context_of(command.import_id, command.command_id, actor)))
    return command.effect_id
