"""Imports as pages show them."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Final
from uuid import UUID, uuid5

from domain.imports import State, UnknownImport
from domain.imports import messages as on_imports
from domain.imports.report import Report
from eventstore.store import StoreError
from projections.engine.reading import ReadModelMissing
from projections.readmodels import imports as readmodel
from projections.readmodels.imports import Imported
from web import messages_on_imports as messages
from web.http.codes import FieldCode
from web.http.formats import grouped, signed
from web.http.inputs import BadInput, FieldError
from web.http.rendering import PAGE_ROWS, Filters, TemplateContext
from web.imports.form import MEGABYTES
from web.imports.recorded import recorded
from web.services import Services

TOO_LARGE: Final = messages.too_large(MEGABYTES)


def id_of(text: str) -> UUID:
    """From an address. Raises UnknownImport."""
    try:
        return UUID(text)
    except ValueError:
        raise UnknownImport(on_imports.unknown_import(text[:80])) from None


def is_id(text: str) -> bool:
    with suppress(ValueError):
        return str(UUID(text)) == text
    return False


async def one(services: Services, import_id: str) -> TemplateContext:
    """`settling`: `row` is as the log has it, not the read model. It is None if neither has it.

    `key` is of the form, the same in all windows: a button that is pressed in two of them starts one run.
    """
    row, missing = None, False
    try:
        row = await readmodel.one(services.redis, UUID(import_id))
    except ReadModelMissing:
        missing = True
    settling = row is None
    if row is None:
        with suppress(StoreError):
            row = await recorded(services.store, UUID(import_id))
    return {
        "row": row,
        "settling": settling,
        "imports_missing": missing,
        "import_id": import_id,
        "kept": row is not None and services.importer.has(row.digest),
        "key": uuid5(UUID(import_id), str(row.revision)) if row else "",
    }


async def listed(services: Services, after: str | None) -> TemplateContext:
    """`page` is None while the read model is missing. Raises BadInput."""
    with suppress(ReadModelMissing):
        try:
            return {"page": await readmodel.newest(services.redis, after=after, limit=PAGE_ROWS)}
        except ValueError as error:
            raise BadInput((FieldError("after", FieldCode.NOT_FROM_A_PAGE, str(error)),)) from error
    return {"page": None}


def doing_words(row: Imported) -> str:
    return messages.WAITING if row.doing is None else messages.DOING[row.doing]


def lines_words(number: int) -> str:
    return messages.ONE_LINE if number == 1 else messages.lines(grouped(number))


def state_words(state: State) -> str:
    return messages.STATES[state]


def format_words(format_: str) -> str:
    return messages.FORMATS.get(format_, format_)


def outcome(row: Imported) -> str:
    """For the list."""
    if row.state == "under-way":
        percent = 100 * row.done // row.of if row.of else 0
        return messages.outcome_under_way(doing_words(row), percent)
    if row.state == "failed" or row.report is None:
        return (row.failure or "").partition("\n")[0]
    report, held = row.report, grouped(row.report.held_back)
    if report.to_book is not None:
        return messages.outcome_checked(grouped(report.to_book), held)
    return messages.outcome_booked(grouped(report.booked), held)


def figures(report: Report) -> Sequence[tuple[str, int, str]]:
    """The figures of a report: what they are called, and the class of one that somebody has to look at."""
    first = (messages.BOOKED, report.booked) if report.to_book is None else (messages.TO_BOOK, report.to_book)
    return (
        (*first, ""),
        (messages.BOOKED_ALREADY, report.already_booked, ""),
        (messages.HELD_BACK, report.held_back, "look" if report.held_back else ""),
        (messages.REFUSED, report.listed.refused, "look" if report.listed.refused else ""),
    )


def about_words(row: Imported) -> str:
    report = row.report
    if report is None or report.first_day is None or report.last_day is None:
        return messages.NO_LINES
    days = report.first_day.isoformat(), report.last_day.isoformat()
    return messages.about(lines_words(report.transactions), _accounts(report.accounts), *days)


def _accounts(number: int) -> str:
    return messages.ONE_ACCOUNT if number == 1 else messages.accounts(grouped(number))


def notices(row: Imported) -> Sequence[str]:
    """What else is to be known about a file."""
    report = row.report
    if report is None:
        return ()
    said = (
        (report.wrong, messages.wrong(lines_words(report.wrong))),
        (report.opening, messages.opening(f"{signed(report.opening, row.currency)} {row.currency}")),
        (report.exact + report.rounded + report.differing, _reconciled(report)),
        (report.skipped, messages.skipped(lines_words(report.skipped))),
        (report.cleaned, messages.cleaned(grouped(report.cleaned))),
        (report.shortened, messages.shortened(grouped(report.shortened))),
    )
    return [sentence for number, sentence in said if number]


def _reconciled(report: Report) -> str:
    figures = (report.exact, report.rounded, report.differing, report.unchecked)
    return messages.reconciled(*map(grouped, figures))


def is_known(row: Imported) -> bool:
    """Whether the check has found that each line of the file is in the log."""
    report = row.report
    return row.state == "checked" and report is not None and 0 < report.transactions == report.already_booked


FILTERS: Final[Filters] = {
    "about_words": about_words,
    "doing_words": doing_words,
    "figures": figures,
    "format_words": format_words,
    "lines": lines_words,
    "notices": notices,
    "outcome": outcome,
    "state_words": state_words,
}
TESTS: Final[Filters] = {"known": is_known}
