"""Books the file of `daybook import FILE`, shows the progress, prints the report."""

import argparse
import asyncio
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple
from uuid import UUID, uuid4

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from app.importing import berka, plain, telling
from app.importing.booking import Progress, Wishes, book
from app.importing.carrying import carry_out
from app.importing.importer import uploads_of
from app.importing.recording import ENDINGS, Record, start, why
from app.importing.report import Report, as_json
from app.importing.statement import Statement
from app.importing.table import Malformed
from app.messages import importing as messages
from app.messages.verbs import refused
from app.processes.addresses import servers
from app.processes.children import die_with
from app.refusal import Refusal
from app.settings import ACTOR, Settings, load
from commands.imports import Imports
from domain.errors import UnknownCurrency
from domain.imports import StartImport, Work
from domain.money import exponent
from eventstore.esdb import EsdbLog, EsdbStore
from eventstore.store import EventLog, EventStore

_LINE_EVERY: Final = 2.0
"""Seconds between two lines of progress if no bar can be drawn."""


def import_file(arguments: argparse.Namespace) -> int:
    """The exit code: 0 if the log holds every transaction of the file once and unchanged, otherwise 1."""
    statement = _read(arguments)
    with servers(load(arguments)) as running, _shown() as progress:
        report = _run(running.esdb_uri, lambda log: _imported(log, statement, arguments, progress))
    _print(report, json=arguments.json)
    return 0 if report.is_fine else 1


def _print(report: Report, *, json: bool) -> None:
    sys.stdout.flush()
    if json:
        sys.stdout.buffer.writelines(as_json(report))
    else:
        print("\n".join(telling.lines(report)))


def _read(arguments: argparse.Namespace) -> Statement:
    file = Path(arguments.file)
    try:
        exponent(arguments.currency)
        if arguments.format == "berka":
            return berka.read(file)
        return plain.read(file, arguments.currency, today=date.today(), shorten_notes=arguments.shorten_notes)
    except UnknownCurrency as error:
        raise Refusal(messages.invalid_currency(str(error))) from None
    except OSError as error:
        raise Refusal(messages.file_unreadable(str(file), str(error.strerror))) from None
    except Malformed as error:
        raise Refusal(str(error), 1) from None


def carry_import(settings: Settings, import_id: UUID, run: UUID, parent: int) -> int:
    """A run of an import that was started on a page. What comes of it, and why it failed, is in its record.

    It ends with its parent.
    """
    die_with(parent, signal.SIGTERM)
    uploads = uploads_of(settings.data)

    async def work(log: _Log) -> Report:
        task = asyncio.current_task()
        assert task
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        return await carry_out(log.store, log.event_log, log.imports, uploads, import_id, run)

    try:
        _run(settings.external_log(), work)
    except (Refusal, asyncio.CancelledError):
        return 1
    return 0


class _Log(NamedTuple):
    """An open log, and the record of imports in it."""

    store: EventStore
    event_log: EventLog
    imports: Imports


def _run(esdb_uri: str, work: Callable[[_Log], Awaitable[Report]]) -> Report:
    """Refusal if it ends early."""

    async def run() -> Report:
        store = EsdbStore(esdb_uri)
        imports = Imports(store)
        try:
            with closing(EsdbLog(esdb_uri)) as event_log:
                return await work(_Log(store, event_log, imports))
        finally:
            await imports.close()
            await store.close()

    try:
        return asyncio.run(run())
    except ENDINGS as error:
        raise Refusal(why(error), 1) from error
    except KeyboardInterrupt:
        print(f"\n{refused('import', messages.INTERRUPTED)}", file=sys.stderr)
        raise


async def _imported(
    log: _Log, statement: Statement, arguments: argparse.Namespace, shown: Progress
) -> Report:
    """A check records nothing."""
    import_id = uuid4()
    wishes = Wishes(
        check=arguments.check,
        book_similar=arguments.book_similar,
        all_new=arguments.all_new,
        correlation_id=str(import_id),
    )
    if wishes.check:
        return await book(log.store, log.event_log, statement, wishes, shown)
    run = await start(log.imports, _started(import_id, statement, arguments), ACTOR)
    record = Record(log.imports, import_id, run, ACTOR)
    return await record.keep(
        lambda progress: book(log.store, log.event_log, statement, wishes, progress), shown
    )


def _started(import_id: UUID, statement: Statement, arguments: argparse.Namespace) -> StartImport:
    return StartImport(
        import_id=import_id,
        command_id=import_id,
        file=statement.name,
        digest=statement.digest,
        format=statement.format,
        currency=statement.currency,
        only_check=False,
        book_similar=arguments.book_similar,
        all_new=arguments.all_new,
        shorten_notes=arguments.shorten_notes,
    )


@contextmanager
def _shown() -> Iterator[Progress]:
    """Progress on standard error: bars on a terminal, otherwise a line from time to time."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*columns, console=console) as bars:
        yield _bars(bars)


def _bars(bars: Bars) -> Progress:
    tasks: dict[Work, TaskID] = {}

    def show(doing: Work, done: int, of: int) -> None:
        if doing not in tasks:
            tasks[doing] = bars.add_task(messages.DOING[doing], total=of)
        bars.update(tasks[doing], completed=done)

    return show


def _lines() -> Progress:
    shown = time.monotonic()

    def show(doing: Work, done: int, of: int) -> None:
        nonlocal shown
        if done == of or time.monotonic() - shown > _LINE_EVERY:
            shown = time.monotonic()
            print(messages.progress(messages.DOING[doing], done, of), file=sys.stderr, flush=True)

    return show
