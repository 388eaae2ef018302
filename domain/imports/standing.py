"""What the next event of an import depends on, and whether an event can be that one.

This is the one rule for both sides: `evolve` applies it before a command is decided, the read side before an event is
shown.
"""

from typing import Literal, assert_never, final
from uuid import UUID

import msgspec
from msgspec.structs import replace

from domain.errors import ImpossibleHistory
from domain.imports import messages
from domain.imports.events import (
    ImportBooked,
    ImportChecked,
    ImportEvent,
    ImportFailed,
    ImportProgressed,
    ImportStarted,
)
from domain.imports.fields import Work

State = Literal["under-way", "checked", "booked", "failed"]


@final
class Standing(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """An import that was started: its file, how its newest run reads and books it, and how far that is.

    Fields are only ever added at the end.
    """

    file: str
    digest: str
    format: str
    currency: str
    only_check: bool
    book_similar: bool
    all_new: bool
    shorten_notes: bool
    run: UUID
    state: State = "under-way"
    doing: Work | None = None
    done: int = 0
    of: int = 0

    def is_of(self, event: ImportStarted) -> bool:
        """Whether `event` is about the same file, read in the same way. That stays the same in all runs."""
        before = (self.digest, self.format, self.currency)
        return before == (event.digest, event.format, event.currency)


def follow(standing: Standing | None, event: ImportEvent) -> Standing:
    """The standing after `event`. None: the import was never started.

    Raises ImpossibleHistory if no decision could have led to `event` here.
    """
    match event:
        case ImportStarted():
            return _started(standing, event)
        case ImportProgressed():
            return replace(_run_of(standing, event), doing=event.doing, done=event.done, of=event.of)
        case ImportChecked():
            return replace(_reported(standing, event, only_check=True), state="checked")
        case ImportBooked():
            return replace(_reported(standing, event, only_check=False), state="booked")
        case ImportFailed():
            return replace(_run_of(standing, event), state="failed")
        case _:
            assert_never(event)


def _started(standing: Standing | None, event: ImportStarted) -> Standing:
    if standing is not None and not standing.is_of(event):
        raise ImpossibleHistory(messages.OF_ANOTHER_FILE)
    if standing is not None and standing.run == event.started_by:
        raise ImpossibleHistory(messages.STARTED_ALREADY)
    return Standing(
        event.file,
        event.digest,
        event.format,
        event.currency,
        event.only_check,
        event.book_similar,
        event.all_new,
        event.shorten_notes,
        event.started_by,
    )


def _reported(
    standing: Standing | None, event: ImportChecked | ImportBooked, *, only_check: bool
) -> Standing:
    run = _run_of(standing, event)
    if run.only_check != only_check:
        raise ImpossibleHistory(messages.ENDED_AS_ANOTHER_KIND)
    return run


def _run_of(
    standing: Standing | None, event: ImportProgressed | ImportChecked | ImportBooked | ImportFailed
) -> Standing:
    if standing is None:
        raise ImpossibleHistory(messages.NOT_STARTED_BEFORE)
    if standing.run != event.run or standing.state != "under-way":
        raise ImpossibleHistory(messages.OF_ANOTHER_RUN)
    return standing
