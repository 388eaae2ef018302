"""The API's answers about imports. Amounts are decimal strings with a sign, in the currency of the file."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, Self
from uuid import UUID

import msgspec

from domain.imports import State, Work
from domain.imports import report as kept
from domain.money import format_amount
from projections.readmodels.imports import Imported
from web.accounts.answers import StoppedAnswer
from web.http.formats import machine_time


class EntryAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An entry in the log."""

    account: str
    entry_id: UUID
    date: date
    amount: str
    note: str


class RecognisedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A line that was booked before, as this entry."""

    line: int
    account: str
    date: date
    amount: str
    entry_id: UUID


class HeldAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A line that was not booked since it may be the entry that it `resembles`."""

    line: int
    account: str
    date: date
    amount: str
    note: str
    resembles: EntryAnswer


class ConflictAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction whose id, the bank's, is known with another amount."""

    line: int
    account: str
    id: str
    amount: str
    booked: str


class OpeningAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What the account had before the file, by the bank's first balance and by the log."""

    account: str
    bank: str
    log: str


class DifferenceAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A line that does not explain the bank's balance. `booked` is null if it is not in the log."""

    line: int
    account: str
    date: date
    bank: str
    booked: str | None


class StoppedAccountAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An account that is stopped, so that its transactions could not be booked."""

    account: str
    transactions: int
    reason: str


class RefusedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A line that a rule refused."""

    line: int
    account: str
    amount: str
    reason: str


class ReportAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the transactions, or after a check: what would. `to_book` is null after booking.

    Each list has its first items; `listed` says how many there are.
    """

    first_day: date | None
    last_day: date | None
    transactions: int
    accounts: int
    booked: int
    already_booked: int
    to_book: int | None
    held_back: int
    skipped: int
    cleaned: int
    shortened: int
    exact: int
    rounded: int
    differing: int
    unchecked: int
    wrong: int
    opening: str
    milliseconds: int
    is_fine: bool
    listed: dict[str, int]
    held: list[HeldAnswer]
    conflicts: list[ConflictAnswer]
    refused: list[RefusedAnswer]
    stopped: list[StoppedAccountAnswer]
    missing: list[EntryAnswer]
    openings: list[OpeningAnswer]
    differences: list[DifferenceAnswer]
    recognised: list[RecognisedAnswer]

    @classmethod
    def of(cls, report: kept.Report, currency: str) -> Self:
        return msgspec.convert(_told(report, currency), cls)


_AMOUNTS: Final[Mapping[type[msgspec.Struct], frozenset[str]]] = {
    kept.Report: frozenset({"opening"}),
    kept.Entry: frozenset({"amount"}),
    kept.Recognised: frozenset({"amount"}),
    kept.Held: frozenset({"amount"}),
    kept.Refused: frozenset({"amount"}),
    kept.Conflict: frozenset({"amount", "booked"}),
    kept.Difference: frozenset({"bank", "booked"}),
    kept.Opening: frozenset({"bank", "log"}),
}
"""The fields of a report that are in minor units."""
_NAMES: Final[Mapping[str, str]] = {"account_id": "account", "day": "date"}
"""Fields that have another name in answers, the one that the report of the verb has."""


def _told(value: Any, currency: str) -> Any:
    if isinstance(value, tuple):
        return [_told(each, currency) for each in value]
    if not isinstance(value, msgspec.Struct):
        return value
    amounts = _AMOUNTS.get(type(value), frozenset())
    return {
        _NAMES.get(name, name): format_amount(each, currency)
        if name in amounts and each is not None
        else _told(each, currency)
        for name, each in msgspec.structs.asdict(value).items()
    }


class ListedImportAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`state` is under-way, checked, booked or failed.

    `only_check`, `book_similar`, `all_new`, `doing`, `done` and `of` are of the newest run, which `actor` started.
    `failure` says why that run failed.
    """

    import_id: UUID
    state: State
    file: str
    digest: str
    format: str
    currency: str
    only_check: bool
    book_similar: bool
    all_new: bool
    shorten_notes: bool
    doing: Work | None
    done: int
    of: int
    started: str
    actor: str
    changed: str
    revision: int
    position: int
    failure: str | None
    stopped: StoppedAnswer | msgspec.UnsetType = msgspec.UNSET


class ImportAnswer(ListedImportAnswer, frozen=True, kw_only=True):
    """`report` is the newest one, null before there is one. `settling` says that the read models have not reached the
    requested position yet, or do not have the import.
    """

    report: ReportAnswer | None
    settling: bool


class ImportsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`after` continues the list; null at its end."""

    imports: list[ListedImportAnswer]
    after: str | None


def listed(row: Imported) -> ListedImportAnswer:
    return ListedImportAnswer(**_fields_of(row))


def whole(row: Imported, *, settling: bool) -> ImportAnswer:
    report = None if row.report is None else ReportAnswer.of(row.report, row.currency)
    return ImportAnswer(**_fields_of(row), report=report, settling=settling)


def _fields_of(row: Imported) -> dict[str, Any]:
    fields = msgspec.structs.asdict(row)
    fields |= {"started": machine_time(row.started), "changed": machine_time(row.changed)}
    stopped = fields.pop("stopped")
    if stopped is not None:
        fields["stopped"] = StoppedAnswer(stopped.revision, stopped.reason)
    del fields["report"]
    return fields
