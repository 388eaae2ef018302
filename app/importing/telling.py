"""The report in words, for people at a terminal."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, TypeVar

from app.importing.reconciling import Difference
from app.importing.report import Conflict, Entry, Held, Recognised, Report
from app.messages import importing as messages

MOST: Final = 20
"""How many items of a list are shown."""

T = TypeVar("T")


def lines(report: Report) -> Iterator[str]:
    yield from _figures(report)
    yield from _list(messages.CONFLICTS, report.conflicts, _conflict)
    yield from _list(
        messages.REFUSED,
        report.refused,
        lambda each: messages.line_refused(each.line, each.account, each.amount, each.reason),
    )
    yield from _list(messages.HELD, report.held, _held)
    yield from _list(
        messages.STOPPED,
        report.stopped,
        lambda each: messages.account_stopped(each.account_id, each.transactions, each.reason),
    )
    yield from _list(messages.MISSING, report.missing, _missing)
    yield from _list(
        messages.OPENINGS,
        report.openings,
        lambda each: messages.opening(each.account, each.bank, each.log, report.currency),
    )
    yield from _list(messages.DIFFERENCES, report.differences, _difference)
    yield from _list(messages.RECOGNISED, report.recognised, _recognised)


def _figures(report: Report) -> Iterator[str]:
    if report.days:
        first, last = map(str, report.days)
        yield messages.about(report.format, report.currency, first, last)
    if isinstance(report.to_book, int):
        yield messages.to_book(report.to_book, report.transactions, report.accounts, report.already_booked)
    else:
        yield messages.booked(
            report.booked,
            report.transactions,
            report.accounts,
            report.already_booked,
            report.seconds,
            report.transactions_per_s,
        )
    noticed = messages.noticed(report.skipped, report.cleaned, report.shortened)
    yield from [f"{noticed}."] if noticed else []
    yield messages.reconciled(report.exact, report.rounded, report.differing, report.unchecked)


def _list(what: str, items: Sequence[T], sentence: Callable[[T], str]) -> Iterable[str]:
    if not items:
        return
    yield messages.listed(len(items), what)
    for item in items[:MOST]:
        yield f"  {sentence(item)}"
    if len(items) > MOST:
        yield f"  {messages.more(len(items) - MOST)}"


def _conflict(each: Conflict) -> str:
    return messages.conflict(each.line, each.account, each.id, each.amount, each.booked)


def _held(each: Held) -> str:
    other = each.resembles
    held = messages.held(each.line, each.account, str(each.date), each.amount, each.note)
    return f"{held}: {messages.resembles(str(other.date), other.amount, other.note, other.entry_id)}"


def _missing(each: Entry) -> str:
    return messages.missing(each.account, str(each.date), each.amount, each.note, each.entry_id)


def _difference(each: Difference) -> str:
    found = messages.NOT_IN_THE_LOG if each.booked is None else messages.was_booked(each.booked)
    return messages.differs(each.line, each.account, str(each.date), each.bank, found)


def _recognised(each: Recognised) -> str:
    return messages.recognised(each.line, each.account, str(each.date), each.amount)
