"""The decisions: one function for each command, after the one that dispatches."""

from typing import assert_never

from domain.errors import CommandReused, CommandTooOld
from domain.imports import messages
from domain.imports.commands import EndImport, ImportCommand, RecordProgress, StartImport
from domain.imports.errors import ImportOfAnotherFile, ImportTakenOver, ImportUnderWay, UnknownImport
from domain.imports.events import (
    ImportBooked,
    ImportChecked,
    ImportEvent,
    ImportFailed,
    ImportProgressed,
    ImportStarted,
)
from domain.imports.standing import Standing
from domain.imports.states import Existing, Import, UnderWay, Unstarted


def decide(command: ImportCommand, state: Import) -> tuple[ImportEvent, ...]:
    """The command's events, none if it was decided before. Raises a DomainError if a rule refuses the command."""
    match command:
        case StartImport():
            return _start(command, state)
        case RecordProgress():
            return _progress(command, state)
        case EndImport():
            return _end(command, state)
        case _:
            assert_never(command)


def _start(command: StartImport, state: Import) -> tuple[ImportEvent, ...]:
    started = _started(command)
    if isinstance(state, Unstarted):
        return (started,)
    if _was_decided(command, started, state):
        return ()
    if not state.standing.is_of(started):
        raise ImportOfAnotherFile(
            messages.import_of_another_file(str(command.import_id), state.standing.file)
        )
    if isinstance(state, UnderWay) and not command.takes_over:
        raise ImportUnderWay(messages.import_under_way(str(command.import_id)))
    return (started,)


def _started(command: StartImport) -> ImportStarted:
    """Raises UnknownCurrency."""
    return ImportStarted(
        import_id=command.import_id,
        file=command.file,
        digest=command.digest,
        format=command.format,
        currency=command.currency,
        only_check=command.only_check,
        book_similar=command.book_similar,
        all_new=command.all_new,
        shorten_notes=command.shorten_notes,
        started_by=command.effect_id,
    )


def _was_decided(command: StartImport, started: ImportStarted, state: Existing) -> bool:
    """Raises CommandReused, CommandTooOld."""
    before = state.starts.recent.get(command.effect_id)
    if before is not None and before != started:
        raise CommandReused(messages.command_reused(str(command.command_id)))
    if before is None and command.effect_id in state.starts:
        raise CommandTooOld(messages.command_too_old(str(command.command_id)))
    return before is not None


def _progress(command: RecordProgress, state: Import) -> tuple[ImportEvent, ...]:
    """The same progress is recorded once in a row."""
    standing = _running(command, state)
    if (standing.doing, standing.done) == (command.doing, command.done):
        return ()
    progressed = ImportProgressed(
        import_id=command.import_id, run=command.run, doing=command.doing, done=command.done, of=command.of
    )
    return (progressed,)


def _end(command: EndImport, state: Import) -> tuple[ImportEvent, ...]:
    """The first end of a run counts."""
    if isinstance(state, Existing) and state.standing.run == command.run and not isinstance(state, UnderWay):
        return ()
    standing = _running(command, state)
    if isinstance(command.result, str):
        return (ImportFailed(import_id=command.import_id, run=command.run, reason=command.result),)
    end = ImportChecked if standing.only_check else ImportBooked
    return (end(import_id=command.import_id, run=command.run, report=command.result),)


def _running(command: RecordProgress | EndImport, state: Import) -> Standing:
    """Raises UnknownImport, ImportTakenOver."""
    if isinstance(state, Unstarted):
        raise UnknownImport(messages.unknown_import(str(command.import_id)))
    if isinstance(state, UnderWay) and state.standing.run == command.run:
        return state.standing
    raise ImportTakenOver(messages.import_taken_over(str(command.import_id)))
