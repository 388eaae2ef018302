"""Books the file of `daybook import FILE`, shows the progress, prints the report."""

import argparse
import asyncio
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from app.importing import berka, plain
from app.importing.booking import Progress, Report, book
from app.importing.posting import RefusedLine
from app.importing.reconciling import Difference
from app.importing.statement import Malformed, Transaction
from app.messages import importing as messages
from app.messages.verbs import refused
from app.processes.addresses import servers
from app.refusal import Refusal
from app.settings import load
from commands.handler import TooContended
from domain.errors import DomainError, UnknownCurrency
from domain.money import exponent
from eventstore.esdb import EsdbStore
from eventstore.store import StoreError

_SHOWN: Final = 20
"""How many refused lines are printed. With --json all of them are."""
_LINE_EVERY: Final = 2.0
"""Seconds between two lines of progress if no bar can be drawn."""


def import_file(arguments: argparse.Namespace) -> int:
    """The exit code: 0 if the log holds every transaction of the file once and unchanged, otherwise 1."""
    transactions = _read(arguments)
    with servers(load(arguments)) as running, _shown() as progress:
        report = _booked(running.esdb_uri, transactions, progress)
    _print(report, as_json=arguments.json)
    return 1 if report.wrong or report.stopped or report.refused else 0


def _read(arguments: argparse.Namespace) -> Sequence[Transaction]:
    file = Path(arguments.file)
    try:
        exponent(arguments.currency)
        return berka.read(file) if arguments.format == "berka" else plain.read(file, arguments.currency)
    except UnknownCurrency as error:
        raise Refusal(messages.invalid_currency(str(error))) from None
    except OSError as error:
        raise Refusal(messages.file_unreadable(str(file), str(error.strerror))) from None
    except Malformed as error:
        raise Refusal(str(error), 1) from None


def _booked(esdb_uri: str, transactions: Sequence[Transaction], progress: Progress) -> Report:
    async def run() -> Report:
        store = EsdbStore(esdb_uri)
        try:
            return await book(store, transactions, progress)
        finally:
            await store.close()

    try:
        return asyncio.run(run())
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


def _print(report: Report, *, as_json: bool) -> None:
    if as_json:
        print(msgspec.json.encode(report).decode())
        return
    print(
        messages.booked(
            report.booked,
            transactions=report.transactions,
            accounts=report.accounts,
            seconds=report.seconds,
            transactions_per_s=report.transactions_per_s,
            already_booked=report.already_booked,
        )
    )
    print(messages.reconciled(report.exact, report.rounded, report.differing))
    for difference in report.differences:
        print(f"  {_sentence(difference)}")
    for account in report.stopped:
        print(f"  {messages.account_stopped(account.account_id, account.transactions, account.reason)}")
    _print_refused(report.refused)


def _print_refused(refused: Sequence[RefusedLine]) -> None:
    if not refused:
        return
    print(messages.lines_refused(len(refused)))
    for each in refused[:_SHOWN]:
        print(f"  {messages.line_refused(each.line, each.account, each.amount, each.reason)}")
    if len(refused) > _SHOWN:
        print(f"  {messages.more_refused(len(refused) - _SHOWN)}")


def _sentence(difference: Difference) -> str:
    return messages.differs(
        difference.account_id, str(difference.date), difference.reference, difference.bank, _found(difference)
    )


def _found(difference: Difference) -> str:
    if difference.booked is None:
        return messages.NOT_IN_THE_LOG
    if difference.times_booked == 1:
        return messages.was_booked(difference.booked)
    return messages.was_booked_in_entries(difference.booked, difference.times_booked)
