"""Rules that hold for every history of an import, whatever its commands."""

import re
from collections.abc import Iterable, Sequence
from functools import reduce
from uuid import UUID

import hypothesis
import pytest
from hypothesis import strategies as st

from domain.decider import fold
from domain.errors import DomainError, ImpossibleHistory
from domain.imports import (
    IMPORTS,
    EndImport,
    Import,
    ImportCommand,
    ImportEvent,
    ImportProgressed,
    ImportStarted,
    StartImport,
    Unstarted,
    follow,
    messages,
)
from domain.messages import OUT_OF_RANGE
from tests.kit.imports import (
    booked,
    checked,
    end,
    failed,
    progress,
    progressed,
    report,
    start,
    started,
)


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        ((progressed(),), messages.NOT_STARTED_BEFORE),
        ((booked(),), messages.NOT_STARTED_BEFORE),
        ((started(), started(2, digest=64 * "b")), messages.OF_ANOTHER_FILE),
        ((started(), booked(), started(2, currency="EUR")), messages.OF_ANOTHER_FILE),
        ((started(), started()), messages.STARTED_ALREADY),
        ((started(), booked(), started(1, only_check=True)), messages.STARTED_ALREADY),
        ((started(), progressed(by=2)), messages.OF_ANOTHER_RUN),
        ((started(), started(2), booked()), messages.OF_ANOTHER_RUN),
        ((started(), booked(), booked()), messages.OF_ANOTHER_RUN),
        ((started(), failed(), progressed()), messages.OF_ANOTHER_RUN),
        ((started(), checked()), messages.ENDED_AS_ANOTHER_KIND),
        ((started(only_check=True), booked()), messages.ENDED_AS_ANOTHER_KIND),
    ],
)
def test_a_history_that_no_decisions_could_have_made_is_refused(
    events: Sequence[ImportEvent], reason: str
) -> None:
    with pytest.raises(ImpossibleHistory, match=f"^{re.escape(reason)}$"):
        fold(IMPORTS, events)
    with pytest.raises(ImpossibleHistory, match=f"^{re.escape(reason)}$"):
        reduce(follow, events, None)


@pytest.mark.parametrize(("done", "of"), [(-1, 5), (6, 5), (0, -1)])
def test_progress_beyond_its_end_cannot_be_made(done: int, of: int) -> None:
    with pytest.raises(ValueError, match=re.escape(OUT_OF_RANGE)):
        progressed(done, of=of)


_numbers = st.integers(1, 4)
_commands = st.one_of(
    st.builds(
        start,
        _numbers,
        only_check=st.booleans(),
        takes_over=st.booleans(),
        digest=st.sampled_from([64 * "a", 64 * "a", 64 * "a", 64 * "b"]),
    ),
    st.builds(progress, st.integers(0, 3), by=_numbers, doing=st.sampled_from(["looking-up", "booking"])),
    st.builds(end, st.sampled_from([report(), "It was interrupted."]), by=_numbers),
)
_scripts = st.lists(_commands, max_size=30)


def _run(
    commands: Iterable[ImportCommand], state: Import = IMPORTS.initial
) -> tuple[Import, list[ImportEvent]]:
    """The state after `commands`, without the refused ones, and all events."""
    happened: list[ImportEvent] = []
    for command in commands:
        try:
            events = IMPORTS.decide(command, state)
        except DomainError:
            continue
        state = fold(IMPORTS, events, state)
        happened += events
    return state, happened


@hypothesis.given(_scripts)
def test_the_read_side_follows_whatever_was_decided(commands: list[ImportCommand]) -> None:
    state, happened = _run(commands)
    standing = reduce(follow, happened, None)
    assert standing == (None if isinstance(state, Unstarted) else state.standing)


@hypothesis.given(_scripts)
def test_between_two_starts_only_the_run_that_started_records_anything_and_ends_once(
    commands: list[ImportCommand],
) -> None:
    running: UUID | None = None
    for event in _run(commands)[1]:
        if isinstance(event, ImportStarted):
            running = event.started_by
            continue
        assert event.run == running
        if not isinstance(event, ImportProgressed):
            running = None


@hypothesis.given(_scripts)
def test_each_command_starts_one_run_at_most(commands: list[ImportCommand]) -> None:
    runs = [event.started_by for event in _run(commands)[1] if isinstance(event, ImportStarted)]
    assert len(runs) == len(set(runs))


@hypothesis.given(_scripts, _commands, _scripts)
def test_a_start_or_an_end_that_was_decided_leads_to_nothing_more_however_much_later(
    before: list[ImportCommand], command: ImportCommand, after: list[ImportCommand]
) -> None:
    state, _ = _run(before)
    state, first = _run([command], state)
    state, _ = _run(after, state)
    again = _run([command], state)[1]
    assert not (first and again) or not isinstance(command, StartImport | EndImport)


@hypothesis.given(_scripts, st.integers(0, 30))
def test_decided_events_can_be_folded_at_once_or_in_two_parts(
    commands: list[ImportCommand], first: int
) -> None:
    state, happened = _run(commands)
    assert fold(IMPORTS, happened) == state
    assert fold(IMPORTS, happened[first:], fold(IMPORTS, happened[:first])) == state
