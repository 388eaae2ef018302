"""A report as the log keeps it: its figures, and the first items of each list. Decimal strings become minor units."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import partial
from itertools import islice
from typing import Final, TypeVar
from uuid import UUID

from app.importing import reconciling, report
from app.importing.posting import RefusedLine, StoppedAccount
from domain.identifiers import AccountId
from domain.imports import report as kept
from domain.imports.report import LISTED
from domain.money import exponent

_RECOGNISED: Final = 20
"""How many recognised lines are listed: fewer than of other lists, since they need no action."""

_From = TypeVar("_From")
_To = TypeVar("_To")
_Units = Callable[[str], int]


def summed_up(whole: report.Report) -> kept.Report:
    units = partial(_minor_units, exponent(whole.currency))
    first, last = whole.days or (None, None)
    return kept.Report(
        first_day=first,
        last_day=last,
        transactions=whole.transactions,
        accounts=whole.accounts,
        booked=whole.booked,
        already_booked=whole.already_booked,
        to_book=whole.to_book if isinstance(whole.to_book, int) else None,
        held_back=whole.held_back,
        skipped=whole.skipped,
        cleaned=whole.cleaned,
        shortened=whole.shortened,
        exact=whole.exact,
        rounded=whole.rounded,
        differing=whole.differing,
        unchecked=whole.unchecked,
        wrong=whole.wrong,
        opening=units(whole.opening),
        milliseconds=round(whole.seconds * 1000),
        is_fine=whole.is_fine,
        listed=_listed(whole),
        held=_first(whole.held, partial(_held, units)),
        conflicts=_first(whole.conflicts, partial(_conflict, units)),
        refused=_first(whole.refused, partial(_refused, units)),
        stopped=_first(whole.stopped, _stopped),
        missing=_first(whole.missing, partial(_entry, units)),
        openings=_first(whole.openings, partial(_opening, units)),
        differences=_first(whole.differences, partial(_difference, units)),
        recognised=_first(whole.recognised, partial(_recognised, units), _RECOGNISED),
    )


def _minor_units(decimals: int, amount: str) -> int:
    """Of any size: a sum may be beyond what a balance can be."""
    return int(Decimal(amount).scaleb(decimals))


def _listed(whole: report.Report) -> kept.Listed:
    return kept.Listed(
        recognised=len(whole.recognised),
        held=len(whole.held),
        missing=len(whole.missing),
        conflicts=len(whole.conflicts),
        openings=len(whole.openings),
        differences=len(whole.differences),
        stopped=len(whole.stopped),
        refused=len(whole.refused),
    )


def _first(items: Iterable[_From], kept_as: Callable[[_From], _To], most: int = LISTED) -> tuple[_To, ...]:
    return tuple(map(kept_as, islice(items, most)))


def _entry(units: _Units, entry: report.Entry) -> kept.Entry:
    return kept.Entry(
        account_id=AccountId(entry.account),
        entry_id=UUID(entry.entry_id),
        day=entry.date,
        amount=units(entry.amount),
        note=entry.note,
    )


def _recognised(units: _Units, line: report.Recognised) -> kept.Recognised:
    return kept.Recognised(
        line=line.line,
        account_id=AccountId(line.account),
        day=line.date,
        amount=units(line.amount),
        entry_id=UUID(line.entry_id),
    )


def _held(units: _Units, line: report.Held) -> kept.Held:
    return kept.Held(
        line=line.line,
        account_id=AccountId(line.account),
        day=line.date,
        amount=units(line.amount),
        note=line.note,
        resembles=_entry(units, line.resembles),
    )


def _conflict(units: _Units, line: report.Conflict) -> kept.Conflict:
    return kept.Conflict(
        line=line.line,
        account_id=AccountId(line.account),
        id=line.id,
        amount=units(line.amount),
        booked=units(line.booked),
    )


def _refused(units: _Units, line: RefusedLine) -> kept.Refused:
    return kept.Refused(
        line=line.line, account_id=AccountId(line.account), amount=units(line.amount), reason=line.reason
    )


def _stopped(account: StoppedAccount) -> kept.Stopped:
    return kept.Stopped(
        account_id=AccountId(account.account_id), transactions=account.transactions, reason=account.reason
    )


def _opening(units: _Units, opening: reconciling.Opening) -> kept.Opening:
    return kept.Opening(
        account_id=AccountId(opening.account), bank=units(opening.bank), log=units(opening.log)
    )


def _difference(units: _Units, line: reconciling.Difference) -> kept.Difference:
    return kept.Difference(
        line=line.line,
        account_id=AccountId(line.account),
        day=line.date,
        bank=units(line.bank),
        booked=None if line.booked is None else units(line.booked),
    )
