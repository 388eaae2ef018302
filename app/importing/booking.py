"""A statement against the log: what is to be booked, booked each once, and the report.

One account after another is compared, booked and reconciled, many at a time. What an interrupted run booked is
recognised, so that the next one continues it.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TypeGuard, assert_never
from uuid import uuid4

import msgspec

from app.importing.findings import Findings
from app.importing.matching import Compared, Conflicting, Known, Match, New, Similar, as_new, compare
from app.importing.posting import Posting, ToBook
from app.importing.reconciling import Reconciliation
from app.importing.refusing import check_currency, check_days
from app.importing.report import Ledger, Report
from app.importing.statement import Statement
from app.importing.surveying import Booked, Found, survey
from app.importing.together import each_of
from commands.accounts import Accounts
from domain.imports import Work
from domain.money import format_amount
from eventstore.store import EventLog, EventStore

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
    """Raises Malformed before anything is booked: see `refusing`.

    Raises DomainError if a rule refuses a line that no list has, StoreError or TooContended if the log does not answer.
    What was booked until then stays booked; another run continues. Accounts that are stopped or closed do not keep the
    others from being booked.
    """
    began = time.monotonic()
    by_account = statement.lines.by_account()
    known = await survey(store, event_log, by_account, lambda n: progress("looking-up", n, len(by_account)))
    run = _Run(statement, wishes, Accounts(store), progress)
    check_currency(statement, known)
    check_days(statement, lambda account: run.compared(by_account[account], _entries(known, account)))
    await each_of(lambda own: run.take(own[0], own[1], known.pop(own[0], None)), by_account.items())
    await run.found.look_up_notes(store, event_log)
    return run.report(len(by_account), time.monotonic() - began)


def _entries(known: Mapping[str, Found], account: str) -> Iterable[Booked]:
    return known[account].entries() if account in known else ()


class _Run:
    """What was found and done so far."""

    def __init__(self, statement: Statement, wishes: Wishes, front: Accounts, progress: Progress) -> None:
        self.found = Findings(statement.currency)
        self._statement, self._wishes = statement, wishes
        self._lines = len(statement.lines)
        self._progress, self._done = progress, 0
        self._posting = Posting(front, statement.currency, wishes.correlation_id, check=wishes.check)
        self._sums = Reconciliation(statement.currency)
        self._to_book = self._entries = self._sum = 0

    async def take(self, account: str, places: Iterable[int], found: Found | None) -> None:
        """`places` of the account's lines."""
        entries = [] if found is None else list(found.entries())
        self._entries += len(entries)
        self._sum += sum(entry.amount for entry in entries)
        compared = self.compared(places, entries)
        self.found.add(account, compared, book_similar=self._wishes.book_similar)
        wanted = [each for each in compared.matches if self._is_wanted(each)]
        if wanted and (not self._wishes.check or (found is not None and found.may_refuse)):
            await self._posting.post(account, wanted, is_new=found is None)
        self._to_book += sum(self._amount(each) is not None for each in wanted)
        self._reconcile(compared, entries)
        self._done += len(compared.matches)
        self._progress("checking" if self._wishes.check else "booking", self._done, self._lines)

    def compared(self, places: Iterable[int], entries: Iterable[Booked]) -> Compared:
        """The lines at `places`, which are those of an account, with its entries."""
        lines = [self._statement.lines[at] for at in places]
        if self._wishes.all_new:
            return as_new(lines, entries, self._statement.digest)
        days = self._statement.days
        assert days
        return compare(lines, entries, days)

    def _is_wanted(self, match: Match) -> TypeGuard[ToBook]:
        return isinstance(match, New) or (isinstance(match, Similar) and self._wishes.book_similar)

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

    def report(self, accounts: int, seconds: float) -> Report:
        statement, found, sums, posting = self._statement, self.found, self._sums, self._posting
        found.sort()
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
            already_booked=len(found.recognised) + posting.repeated,
            to_book=self._to_book if self._wishes.check else msgspec.UNSET,
            held_back=len(found.held),
            skipped=statement.skipped,
            cleaned=statement.cleaned,
            shortened=statement.shortened,
            accounts=accounts,
            exact=sums.exact,
            rounded=sums.rounded,
            differing=sums.differing,
            unchecked=sums.unchecked,
            wrong=len(found.conflicts) + stopped,
            opening=money(sums.opening),
            seconds=round(seconds, 3),
            transactions_per_s=round(self._lines / seconds),
            ledger=Ledger(
                entries=self._entries + posting.booked + posting.repeated, sum=money(self._sum + posting.sum)
            ),
            recognised=found.recognised,
            held=found.held,
            missing=found.missing,
            conflicts=found.conflicts,
            openings=sums.openings,
            differences=sums.differences,
            stopped=[posting.stopped[account] for account in sorted(posting.stopped)],
            refused=[posting.refused[number] for number in sorted(posting.refused)],
        )
