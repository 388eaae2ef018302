"""A statement against the log: what is to be booked, booked each once, and the report.

One account after another is compared, booked and reconciled, many at a time. What an interrupted run booked is
recognised, so that the next one continues it.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import TypeGuard, assert_never
from uuid import UUID, uuid4

import msgspec

from app.importing.matching import Compared, Conflicting, Known, Match, New, Similar, as_new, compare
from app.importing.posting import Posting, ToBook
from app.importing.reconciling import Reconciliation
from app.importing.report import Conflict, Entry, Held, Recognised, Report
from app.importing.statement import Line, Statement
from app.importing.surveying import Booked, Found, survey
from app.importing.table import MOST_FAULTS, Malformed
from app.importing.together import each_of, insisting
from app.messages import importing as messages
from commands.accounts import Accounts
from domain.accounts import ACCOUNTS
from domain.accounts import Entry as Event
from domain.imports import Work
from domain.money import format_amount
from eventstore.store import EventLog, EventStore, StreamStopped
from eventstore.streams import readable

Progress = Callable[[Work, int, int], None]
"""Called with the current work, the number of items done, and the number of all items."""


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """`check`: book nothing. `book_similar`: also what resembles an entry. `all_new`: also what is known.

    `correlation_id` is that of all entries: the id of the import, if it is recorded.
    """

    check: bool = False
    book_similar: bool = False
    all_new: bool = False
    correlation_id: str = msgspec.field(default_factory=lambda: str(uuid4()))


async def book(
    store: EventStore, event_log: EventLog, statement: Statement, wishes: Wishes, progress: Progress
) -> Report:
    """Raises Malformed if an account has another currency, before anything is booked.

    Raises DomainError if a rule refuses a line that no list has, StoreError or TooContended if the log does not answer.
    What was booked until then stays booked; another run continues. Accounts that are stopped or closed do not keep the
    others from being booked.
    """
    began = time.monotonic()
    by_account: dict[str, list[Line]] = {}
    for line in statement.lines:
        by_account.setdefault(line.account, []).append(line)
    known = await survey(store, event_log, by_account, lambda n: progress("looking-up", n, len(by_account)))
    _check_currency(statement, known)
    run = _Run(statement, wishes, Accounts(store), progress)
    await each_of(lambda own: run.take(own[0], own[1], known.get(own[0])), by_account.items())
    notes = await _notes(store, run.missing)
    return run.report(len(by_account), notes, time.monotonic() - began)


def _check_currency(statement: Statement, known: dict[str, Found]) -> None:
    wrong = [
        (line, known[line.account].currency)
        for line in statement.lines
        if line.account in known and known[line.account].currency not in ("", statement.currency)
    ]
    if wrong:
        wrong.sort(key=lambda each: each[0].number)
        faults = [
            messages.fault(
                messages.line(line.number),
                messages.other_currency(line.account, currency, statement.currency),
            )
            for line, currency in wrong[:MOST_FAULTS]
        ]
        raise Malformed(messages.malformed(statement.name, faults, len(wrong) - len(faults)))


class _Run:
    """What was found and done so far."""

    def __init__(self, statement: Statement, wishes: Wishes, front: Accounts, progress: Progress) -> None:
        self.held: list[Similar] = []
        self.missing: list[tuple[str, Booked]] = []
        self._statement, self._wishes = statement, wishes
        self._lines = len(statement.lines)
        self._progress, self._done = progress, 0
        self._posting = Posting(front, statement.currency, wishes.correlation_id)
        self._sums = Reconciliation(statement.currency)
        self._known: list[tuple[Line, Booked]] = []
        self._conflicts: list[tuple[Line, Booked]] = []
        self._to_book = 0

    async def take(self, account: str, lines: Sequence[Line], found: Found | None) -> None:
        entries = [] if found is None else list(found.entries())
        compared = self._compared(lines, entries)
        self._note(account, compared)
        wanted = [each for each in compared.matches if self._is_wanted(each)]
        self._to_book += len(wanted)
        if wanted and not self._wishes.check:
            await self._posting.post(account, wanted, is_new=found is None)
        self._reconcile(compared, entries)
        self._done += len(lines)
        self._progress("checking" if self._wishes.check else "booking", self._done, self._lines)

    def _compared(self, lines: Sequence[Line], entries: Iterable[Booked]) -> Compared:
        if self._wishes.all_new:
            return as_new(lines, entries, self._statement.digest)
        days = self._statement.days
        assert days
        return compare(lines, entries, days)

    def _is_wanted(self, match: Match) -> TypeGuard[ToBook]:
        return isinstance(match, New) or (isinstance(match, Similar) and self._wishes.book_similar)

    def _note(self, account: str, compared: Compared) -> None:
        for match in compared.matches:
            match match:
                case Known():
                    self._known.append((match.line, match.entry))
                case Conflicting():
                    self._conflicts.append((match.line, match.entry))
                case Similar() if not self._wishes.book_similar:
                    self.held.append(match)
                case New() | Similar():
                    pass
                case _:
                    assert_never(match)
        self.missing += ((account, entry) for entry in compared.missing)

    def _reconcile(self, compared: Compared, entries: Iterable[Booked]) -> None:
        own = {each.entry.entry_id for each in compared.matches if isinstance(each, Known | Conflicting)}
        first = compared.matches[0].line.day
        before = sum(entry.amount for entry in entries if entry.entry_id not in own and entry.day <= first)
        self._sums.add(
            [(each.line, self._amount(each)) for each in compared.matches], before, self._posting.refused
        )

    def _amount(self, match: Match) -> int | None:
        """What was booked for the line, or would be."""
        line = match.line
        match match:
            case Known() | Conflicting():
                return match.entry.amount
            case New() | Similar():
                is_booked = self._is_wanted(match) and line.account not in self._posting.stopped
                return line.amount if is_booked and line.number not in self._posting.refused else None
            case _:
                assert_never(match)

    def report(self, accounts: int, notes: Mapping[UUID, str], seconds: float) -> Report:
        statement, sums, posting = self._statement, self._sums, self._posting
        money = partial(format_amount, currency=statement.currency)
        stopped = sum(each.transactions for each in posting.stopped.values())
        return Report(
            file=statement.name,
            digest=statement.digest,
            format=statement.format,
            currency=statement.currency,
            days=statement.days,
            transactions=self._lines,
            booked=posting.booked,
            already_booked=len(self._known) + posting.repeated,
            to_book=self._to_book if self._wishes.check else msgspec.UNSET,
            held_back=len(self.held),
            skipped=statement.skipped,
            cleaned=statement.cleaned,
            shortened=statement.shortened,
            accounts=accounts,
            exact=sums.exact,
            rounded=sums.rounded,
            differing=sums.differing,
            unchecked=sums.unchecked,
            wrong=len(self._conflicts) + stopped,
            opening=money(sums.opening),
            seconds=round(seconds, 3),
            transactions_per_s=round(self._lines / seconds),
            recognised=[_recognised(line, entry, money) for line, entry in _sorted(self._known)],
            held=[_held(each, notes, money) for each in sorted(self.held, key=lambda each: each.line.number)],
            missing=[_entry(account, entry, notes, money) for account, entry in self.missing],
            conflicts=[_conflict(line, entry, money) for line, entry in _sorted(self._conflicts)],
            openings=sums.openings,
            differences=sums.differences,
            stopped=[posting.stopped[account] for account in sorted(posting.stopped)],
            refused=[posting.refused[number] for number in sorted(posting.refused)],
        )


async def _notes(store: EventStore, entries: Iterable[tuple[str, Booked]]) -> dict[UUID, str]:
    """The notes of entries, which the survey does not keep."""
    wanted: defaultdict[str, set[UUID]] = defaultdict(set)
    for account, entry in entries:
        wanted[account].add(entry.entry_id)
    notes: dict[UUID, str] = {}

    async def look_up(account: str) -> None:
        with suppress(StreamStopped):
            for recorded in await insisting(lambda: store.read_stream(ACCOUNTS.stream(account))):
                event = readable(recorded).event
                if isinstance(event, Event) and event.entry_id in wanted[account]:
                    notes[event.entry_id] = event.note

    await each_of(look_up, wanted)
    return notes


Money = Callable[[int], str]


def _sorted(found: Iterable[tuple[Line, Booked]]) -> list[tuple[Line, Booked]]:
    return sorted(found, key=lambda each: each[0].number)


def _recognised(line: Line, entry: Booked, money: Money) -> Recognised:
    return Recognised(
        line=line.number,
        account=line.account,
        date=line.day,
        amount=money(line.amount),
        entry_id=str(entry.entry_id),
    )


def _held(similar: Similar, notes: Mapping[UUID, str], money: Money) -> Held:
    line = similar.line
    return Held(
        line=line.number,
        account=line.account,
        date=line.day,
        amount=money(line.amount),
        note=line.note,
        resembles=_entry(line.account, similar.entry, notes, money),
    )


def _conflict(line: Line, entry: Booked, money: Money) -> Conflict:
    return Conflict(
        line=line.number,
        account=line.account,
        id=line.key,
        amount=money(line.amount),
        booked=money(entry.amount),
    )


def _entry(account: str, entry: Booked, notes: Mapping[UUID, str], money: Money) -> Entry:
    return Entry(
        account=account,
        entry_id=str(entry.entry_id),
        date=entry.day,
        amount=money(entry.amount),
        note=notes.get(entry.entry_id, ""),
    )
