"""Imports that were started on a page, each in a process of its own, so that pages stay fast and memory comes back."""

import asyncio
import logging
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

from app.importing.contexts import context_of
from app.importing.uploads import Uploads
from app.messages import importing as messages
from app.processes.children import STOP_SECONDS, child_environment
from app.settings import Settings
from commands.handler import TooContended
from commands.imports import Imports
from domain.errors import DomainError
from domain.imports import EndImport
from eventstore.store import StoreError

FOLDER: Final = "uploads"
"""In the data folder."""
AT_ONCE: Final = 2
WAITING: Final = 8

Process = subprocess.Popen[bytes]

_ACTOR: Final = "web"
_LOOK_SECONDS: Final = 0.05
"""Between two looks at whether a process has ended."""
_LAST_WORD_SECONDS: Final = 2.0
_log: Final = logging.getLogger("daybook.imports")


def uploads_of(data: Path) -> Uploads:
    return Uploads(data / FOLDER)


class Importer:
    """See `web.importer`. `carry_out` does a run of an import, and says why it ended early, or "".

    A run that could not record its end itself is ended here.
    """

    def __init__(
        self, uploads: Uploads, imports: Imports, carry_out: Callable[[UUID, UUID], Awaitable[str]]
    ) -> None:
        self._uploads, self._imports, self._carry_out = uploads, imports, carry_out
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._running: set[asyncio.Task[None]] = set()

    @property
    def is_full(self) -> bool:
        return len(self._running) >= AT_ONCE + WAITING

    async def keep(self, chunks: AsyncIterator[bytes]) -> str:
        return await self._uploads.keep(chunks)

    def has(self, digest: str) -> bool:
        return self._uploads.has(digest)

    def start(self, import_id: UUID, run: UUID) -> None:
        task = asyncio.create_task(self._in_turn(import_id, run))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def close(self) -> None:
        await asyncio.sleep(0)  # a task that is cancelled before its first step ends nothing
        running = [*self._running]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _in_turn(self, import_id: UUID, run: UUID) -> None:
        reason = messages.STOPPED_EARLY
        try:
            async with self._turns:
                reason = await self._carry_out(import_id, run)
        finally:
            if reason:
                await self._end(import_id, run, reason)

    async def _end(self, import_id: UUID, run: UUID, reason: str) -> None:
        """Nothing happens if the run has ended, or another one has taken over."""
        command = EndImport(import_id=import_id, command_id=uuid4(), run=run, result=reason)
        try:
            async with asyncio.timeout(_LAST_WORD_SECONDS):
                await self._imports.handle(command, context_of(import_id, command.command_id, _ACTOR))
        except (DomainError, StoreError, TooContended, TimeoutError) as error:
            _log.warning("%s", messages.end_not_recorded(str(import_id), str(error)))


def importing_in_processes(settings: Settings, imports: Imports) -> Importer:
    return Importer(uploads_of(settings.data), imports, partial(_in_a_process, settings))


async def _in_a_process(settings: Settings, import_id: UUID, run: UUID) -> str:
    try:
        process = _spawned(settings, import_id, run)
    except OSError as error:
        return messages.not_begun(str(error))
    try:
        code = await _code(process)
    except asyncio.CancelledError:
        await _ended(process)
        raise
    return messages.ended_by_itself(code) if code else ""


def _spawned(settings: Settings, import_id: UUID, run: UUID) -> Process:
    """Its refusals are in the record; what else it prints goes to the log of this process.

    Nothing of this process may run in the child before its own program: gRPC has threads here, and what it does after a
    fork waits for them for ever. `Popen` uses vfork, which skips that; the processes of uvloop's are forked.
    """
    words = ("carry-import", str(import_id), str(run), "--parent", str(os.getpid()))
    return subprocess.Popen(
        (sys.executable, "-P", "-m", "app", *words),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env={**child_environment(), **settings.variables()},
        start_new_session=True,
    )


async def _code(process: Process) -> int:
    code = process.poll()
    while code is None:
        await asyncio.sleep(_LOOK_SECONDS)
        code = process.poll()
    return code


async def _ended(process: Process) -> None:
    process.terminate()
    try:
        async with asyncio.timeout(STOP_SECONDS / 2):
            await _code(process)
    except TimeoutError:
        process.kill()
        await _code(process)
