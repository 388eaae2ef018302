"""Short forms for the import of a file in CZK. Ids are numbered as in tests.kit.accounts.

`IMPORT` is the import of command 1. `run(1)` is the run that command 1 starts.
"""

from typing import Any, Final
from uuid import UUID, uuid5

import msgspec

from domain.imports import (
    IMPORTS,
    EndImport,
    ImportBooked,
    ImportChecked,
    ImportFailed,
    ImportProgressed,
    ImportStarted,
    RecordProgress,
    StartImport,
    Work,
)
from domain.imports.report import Listed, Report
from tests.kit.accounts import an_id
from tests.kit.spec import rules

IMPORT: Final = uuid5(an_id(1), "import")
DIGEST: Final = 64 * "a"
given: Final = rules(IMPORTS)

NOTHING_LISTED: Final = Listed(
    recognised=0, held=0, missing=0, conflicts=0, openings=0, differences=0, stopped=0, refused=0
)
_EMPTY: Final = Report(
    first_day=None,
    last_day=None,
    transactions=0,
    accounts=0,
    booked=0,
    already_booked=0,
    to_book=None,
    held_back=0,
    skipped=0,
    cleaned=0,
    shortened=0,
    exact=0,
    rounded=0,
    differing=0,
    unchecked=0,
    wrong=0,
    opening=0,
    milliseconds=0,
    is_fine=True,
    listed=NOTHING_LISTED,
)


def run(number: int = 1, of: UUID = IMPORT) -> UUID:
    return uuid5(an_id(number), str(of))


def report(**figures: Any) -> Report:
    """Of a file without lines, unless said otherwise."""
    return msgspec.structs.replace(_EMPTY, **figures)


def start(number: int = 1, *, of: UUID = IMPORT, only_check: bool = False, **changes: Any) -> StartImport:
    asked = StartImport(
        import_id=of,
        command_id=an_id(number),
        file="march.csv",
        digest=DIGEST,
        format="csv",
        currency="CZK",
        only_check=only_check,
    )
    return msgspec.structs.replace(asked, **changes)


def progress(
    done: int = 1, *, by: int = 1, of: int = 100, doing: Work = "booking", about: UUID = IMPORT
) -> RecordProgress:
    """`by` is the number of the command that started the run."""
    return RecordProgress(
        import_id=about, command_id=an_id(90), run=run(by, about), doing=doing, done=done, of=of
    )


def end(result: Report | str | None = None, *, by: int = 1, about: UUID = IMPORT) -> EndImport:
    """As `report()` says, unless there is another result."""
    return EndImport(
        import_id=about,
        command_id=an_id(91),
        run=run(by, about),
        result=report() if result is None else result,
    )


def started(number: int = 1, *, only_check: bool = False, **changes: Any) -> ImportStarted:
    (event,) = IMPORTS.decide(start(number, only_check=only_check, **changes), IMPORTS.initial)
    assert isinstance(event, ImportStarted)
    return event


def progressed(done: int = 1, *, by: int = 1, of: int = 100, doing: Work = "booking") -> ImportProgressed:
    return ImportProgressed(import_id=IMPORT, run=run(by), doing=doing, done=done, of=of)


def checked(*, by: int = 1, **figures: Any) -> ImportChecked:
    return ImportChecked(import_id=IMPORT, run=run(by), report=report(**figures))


def booked(*, by: int = 1, **figures: Any) -> ImportBooked:
    return ImportBooked(import_id=IMPORT, run=run(by), report=report(**figures))


def failed(reason: str = "The log did not answer.", *, by: int = 1) -> ImportFailed:
    return ImportFailed(import_id=IMPORT, run=run(by), reason=reason)
