"""Imports that were started on a page, each in a process of its own, so that pages stay fast and memory comes back."""

import asyncio
import os
import subprocess
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
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
from domain.imports import EndImport, UnderWay
from eventstore.store import StoreError

FOLDER: Final = "uploads"
"""In the data folder."""
AT_ONCE: Final = 2
WAITING: Final = 8

_ACTOR: Final = "web"


def uploads_of(data: Path) -> Uploads:
    return Uploads(data / FOLDER)


class Importer:
    """See `web.importer`. `run` carries out the newest run of an import, and raises nothing but CancelledError."""

    def __init__(self, uploads: Uploads, run: Callable[[UUID], Awaitable[None]]) -> None:
        self._uploads, self._run = uploads, run
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._running: set[asyncio.Task[None]] = set()

    @property
    def is_full(self) -> bool:
        return len(self._running) >= AT_ONCE + WAITING

    async def keep(self, chunks: AsyncIterator[bytes]) -> str:
        return await self._uploads.keep(chunks)

    def has(self, digest: str) -> bool:
        return self._uploads.has(digest)

    def start(self, import_id: UUID) -> None:
        task = asyncio.create_task(self._in_turn(import_id))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def close(self) -> None:
        running = [*self._running]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _in_turn(self, import_id: UUID) -> None:
        async with self._turns:
            await self._run(import_id)


def importing_in_processes(settings: Settings, imports: Imports) -> Importer:
    """`imports` records why a process ended that could not record that itself."""
    return Importer(uploads_of(settings.data), partial(_run, settings, imports))


async def _run(settings: Settings, imports: Imports, import_id: UUID) -> None:
    process = await _spawned(settings, import_id)
    try:
        code = await process.wait()
    except asyncio.CancelledError:
        await _ended(process)
        raise
    if code != 0:
        with suppress(DomainError, StoreError, TooContended):
            await _note_end(imports, import_id, code)


async def _spawned(settings: Settings, import_id: UUID) -> Process:
    """Its refusals are in the record; what else it prints goes to the log of this process.

    Nothing of this process may run in the child before its own program: gRPC has threads here.
    """
    words = ("carry-import", str(import_id), "--parent", str(os.getpid()))
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "app", *words),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env={**child_environment(), **settings.variables()},
        start_new_session=True,
    )


async def _note_end(imports: Imports, import_id: UUID, code: int) -> None:
    """It was killed, or failed, before it could record that itself."""
    found = await imports.state(import_id)
    if isinstance(found, UnderWay):
        command = EndImport(
            import_id=import_id,
            command_id=uuid4(),
            run=found.standing.run,
            result=messages.ended_by_itself(code),
        )
        await imports.handle(command, context_of(import_id, command.command_id, _ACTOR))


async def _ended(process: Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(STOP_SECONDS / 2):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
