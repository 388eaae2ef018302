"""Imports of banks' files: which runs may start, and which of them records what."""

from collections.abc import Sequence
from typing import Any

import pytest

from domain.decider import fold
from domain.errors import CommandReused, CommandTooOld, UnknownCurrency
from domain.idempotency import WINDOW
from domain.imports import (
    IMPORTS,
    Booked,
    Checked,
    Failed,
    Import,
    ImportEvent,
    ImportOfAnotherFile,
    ImportStarted,
    ImportTakenOver,
    ImportUnderWay,
    Standing,
    UnderWay,
    UnknownImport,
    Unstarted,
)
from tests.kit.accounts import an_id
from tests.kit.imports import (
    IMPORT,
    booked,
    checked,
    end,
    failed,
    given,
    progress,
    progressed,
    report,
    run,
    start,
    started,
)

# Starts.


def test_an_import_starts_as_it_was_asked_to() -> None:
    given().when(start(1, only_check=True, book_similar=True)).then(
        ImportStarted(
            import_id=IMPORT,
            file="march.csv",
            digest=64 * "a",
            format="csv",
            currency="CZK",
            only_check=True,
            book_similar=True,
            started_by=run(1),
        )
    )


def test_an_import_is_in_a_currency_that_exists() -> None:
    given().when(start(currency="Kč")).then_raises(UnknownCurrency, "Kč")


@pytest.mark.parametrize(
    "before",
    [(started(only_check=True), checked()), (started(), booked()), (started(), failed())],
    ids=["checked", "booked", "failed"],
)
def test_an_import_that_has_ended_starts_again(before: tuple[ImportEvent, ...]) -> None:
    given(*before).when(start(2, all_new=True)).then(started(2, all_new=True))


def test_an_import_that_is_under_way_does_not_start_again() -> None:
    given(started()).when(start(2)).then_raises(ImportUnderWay, str(IMPORT))
    given(started(), progressed()).when(start(2)).then_raises(ImportUnderWay, str(IMPORT))


def test_a_run_that_has_not_ended_can_be_taken_over() -> None:
    given(started(), progressed()).when(start(2, takes_over=True)).then(started(2))


@pytest.mark.parametrize("other", [{"digest": 64 * "b"}, {"format": "berka"}, {"currency": "EUR"}], ids=str)
def test_an_import_is_of_one_file_read_in_one_way(other: dict[str, Any]) -> None:
    for before in ((started(), booked()), (started(),)):
        for takes_over in (False, True):
            again = start(2, takes_over=takes_over, **other)
            given(*before).when(again).then_raises(ImportOfAnotherFile, str(IMPORT), "march.csv")


def test_the_same_file_may_have_another_name_when_the_import_starts_again() -> None:
    given(started(), booked()).when(start(2, file="copy.csv")).then(started(2, file="copy.csv"))


def test_a_repeated_start_starts_nothing() -> None:
    given(started(), progressed()).when(start(1)).then_nothing()
    given(started(), booked()).when(start(1)).then_nothing()


def test_a_start_is_recognised_also_when_the_import_started_again_since() -> None:
    again = (started(1, only_check=True), checked(), started(2))
    given(*again).when(start(1, only_check=True)).then_nothing()
    given(*again, booked(by=2)).when(start(1, only_check=True)).then_nothing()


def test_whether_a_start_takes_over_is_no_part_of_what_it_asks_for() -> None:
    given(started()).when(start(1, takes_over=True)).then_nothing()


@pytest.mark.parametrize(
    "other",
    [
        {"only_check": True},
        {"book_similar": True},
        {"all_new": True},
        {"shorten_notes": True},
        {"file": "april.csv"},
        {"digest": 64 * "b"},
        {"currency": "EUR"},
    ],
    ids=str,
)
def test_a_command_id_is_not_used_for_another_start(other: dict[str, Any]) -> None:
    given(started()).when(start(1, **other)).then_raises(CommandReused, str(an_id(1)))
    given(started(), booked(), started(2)).when(start(1, **other)).then_raises(CommandReused, str(an_id(1)))


def test_a_start_from_long_ago_is_refused_and_not_repeated() -> None:
    numbers = range(1, 2 * WINDOW + 1)
    history = [event for number in numbers for event in (started(number), booked(by=number))]
    given(*history).when(start(1)).then_raises(CommandTooOld, str(an_id(1)))


# Progress.


def test_progress_is_recorded() -> None:
    given(started()).when(progress(7, of=9, doing="looking-up")).then(progressed(7, of=9, doing="looking-up"))


def test_the_same_progress_is_recorded_once_in_a_row() -> None:
    given(started(), progressed(7)).when(progress(7)).then_nothing()
    given(started(), progressed(7)).when(progress(8)).then(progressed(8))
    given(started(), progressed(7)).when(progress(7, doing="checking")).then(progressed(7, doing="checking"))


@pytest.mark.parametrize(
    "before",
    [(started(), booked()), (started(), failed()), (started(), started(2))],
    ids=["booked", "failed", "taken over"],
)
def test_a_run_that_is_over_records_no_progress(before: tuple[ImportEvent, ...]) -> None:
    given(*before).when(progress()).then_raises(ImportTakenOver, str(IMPORT))


def test_an_import_that_was_never_started_records_nothing() -> None:
    given().when(progress()).then_raises(UnknownImport, str(IMPORT))
    given().when(end()).then_raises(UnknownImport, str(IMPORT))


# Ends.


def test_a_check_ends_as_checked_and_another_run_as_booked() -> None:
    found = report(transactions=3, to_book=3)
    given(started(only_check=True)).when(end(found)).then(checked(transactions=3, to_book=3))
    given(started()).when(end(report(booked=3))).then(booked(booked=3))


def test_a_run_that_ends_early_says_why() -> None:
    for only_check in (False, True):
        given(started(only_check=only_check)).when(end("The log is full.")).then(failed("The log is full."))


def test_the_first_end_of_a_run_counts() -> None:
    given(started(), booked()).when(end("It was interrupted.")).then_nothing()
    given(started(), failed()).when(end(report(booked=3))).then_nothing()


def test_a_run_that_was_taken_over_does_not_end_the_import() -> None:
    given(started(), started(2)).when(end()).then_raises(ImportTakenOver, str(IMPORT))
    given(started(), started(2), booked(by=2)).when(end()).then_raises(ImportTakenOver, str(IMPORT))


# States.


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ((), Unstarted),
        ((started(),), UnderWay),
        ((started(), progressed()), UnderWay),
        ((started(only_check=True), checked()), Checked),
        ((started(), booked()), Booked),
        ((started(), failed()), Failed),
        ((started(), failed(), started(2)), UnderWay),
    ],
)
def test_the_state_is_that_of_the_newest_run(events: Sequence[ImportEvent], state: type[Import]) -> None:
    assert type(fold(IMPORTS, events)) is state


def test_the_standing_says_how_the_newest_run_reads_the_file_and_how_far_it_is() -> None:
    asked: dict[str, Any] = {"book_similar": True, "all_new": True, "shorten_notes": True}
    events = (started(only_check=True), checked(), started(2, **asked), progressed(100, by=2, of=100))
    state = fold(IMPORTS, events)
    assert isinstance(state, UnderWay)
    assert state.import_id == IMPORT
    assert state.standing == Standing(
        file="march.csv",
        digest=64 * "a",
        format="csv",
        currency="CZK",
        only_check=False,
        run=run(2),
        doing="booking",
        done=100,
        of=100,
        **asked,
    )


def test_an_import_that_starts_again_has_done_nothing_yet() -> None:
    state = fold(IMPORTS, (started(), progressed(7), failed(), started(2)))
    assert isinstance(state, UnderWay)
    assert (state.standing.doing, state.standing.done, state.standing.of) == (None, 0, 0)


# Ids.


def test_the_effect_of_a_command_has_the_id_of_the_event_that_it_led_to() -> None:
    assert start(2).effect_id == started(2).effect_id == run(2)
    assert progress(7).effect_id == progressed(7).effect_id
    assert end().effect_id == checked().effect_id == booked().effect_id == failed().effect_id


def test_each_effect_has_an_id_of_its_own() -> None:
    others = (start(), start(2), progress(7), progress(8), progress(7, doing="checking"), end(), end(by=2))
    assert len({command.effect_id for command in others}) == len(others)


def test_commands_and_events_are_about_the_import_of_their_id() -> None:
    about = {each.aggregate_id for each in (start(), progress(), end(), started(), progressed(), booked())}
    assert about == {str(IMPORT)}
