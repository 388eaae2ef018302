"""Books the file of `daybook import FILE`, shows the progress, prints the report."""

import argparse
import asyncio
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Final

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from app.importing import berka, plain, telling
from app.importing.booking import Progress, Wishes, book
from app.importing.report import Report
from app.importing.statement import Statement
from app.importing.table import Malformed
from app.messages import importing as messages
from app.messages.verbs import refused
from app.processes.addresses import servers
from app.refusal import Refusal
from app.settings import load
from commands.handler import TooContended
from domain.errors import DomainError, UnknownCurrency
from domain.money import exponent
from eventstore.esdb import EsdbLog, EsdbStore
from eventstore.store import StoreError

_LINE_EVERY: Final = 2.0
"""Seconds between two lines of progress if no bar can be drawn."""


def import_file(arguments: argparse.Namespace) -> int:
    """The exit code: 0 if the log holds every transaction of the file once and unchanged, otherwise 1."""
    statement = _read(arguments)
    wishes = Wishes(check=arguments.check, book_similar=arguments.book_similar, all_new=arguments.all_new)
    with servers(load(arguments)) as running, _shown() as progress:
        report = _booked(running.esdb_uri, statement, wishes, progress)
    if arguments.json:
        print(msgspec.json.encode(report).decode())
    else:
        print("\n".join(telling.lines(report)))
    return 0 if report.is_fine else 1


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


def _booked(esdb_uri: str, statement: Statement, wishes: Wishes, progress: Progress) -> Report:
    async def run() -> Report:
        store = EsdbStore(esdb_uri)
        try:
            with closing(EsdbLog(esdb_uri)) as event_log:
                return await book(store, event_log, statement, wishes, progress)
        finally:
            await store.close()

    try:
        return asyncio.run(run())
    except Malformed as error:
        raise Refusal(str(error), 1) from None
    except DomainError as error:
        raise Refusal(messages.ended_by_a_rule(str(error)), 1) from error
    except (StoreError, TooContended) as error:
        raise Refusal(messages.ended_by_the_log(str(error)), 1) from error
    except KeyboardInterrupt:
        print(f"\n{refused('import', messages.INTERRUPTED)}", file=sys.stderr)
        raise


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
    tasks: dict[str, TaskID] = {}

    def show(doing: str, done: int, of: int) -> None:
        if doing not in tasks:
            tasks[doing] = bars.add_task(doing, total=of)
        bars.update(tasks[doing], completed=done)

    return show


def _lines() -> Progress:
    shown = time.monotonic()

    def show(doing: str, done: int, of: int) -> None:
        nonlocal shown
        if done == of or time.monotonic() - shown > _LINE_EVERY:
            shown = time.monotonic()
            print(messages.progress(doing, done, of), file=sys.stderr, flush=True)

    return show
