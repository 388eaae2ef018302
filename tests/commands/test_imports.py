"""Imports in the log: of several runs that start or end at once, one counts."""

import asyncio
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from commands.booking import Outcome
from commands.imports import Imports
from domain.errors import CommandReused
from domain.imports import (
    IMPORTS,
    Booked,
    ImportBooked,
    ImportCommand,
    ImportEvent,
    ImportStarted,
    ImportTakenOver,
    ImportUnderWay,
    UnderWay,
    Unstarted,
)
from eventstore.codec import decode
from tests.kit.contexts import context_of
from tests.kit.imports import end, progress, report, run, start
from tests.kit.logs import Both

pytestmark = pytest.mark.asyncio(loop_scope="session")


class Office:
    """Two processes that work on one import, each with a state of its own in memory."""

    def __init__(self, both: Both) -> None:
        self.of = uuid4()
        self.processes = Imports(both.store), Imports(both.store)
        self._store = both.store

    async def give(self, command: ImportCommand, *, process: int = 0) -> Outcome[ImportEvent]:
        return await self.processes[process].handle(command, context_of(command))

    async def recorded(self) -> list[str]:
        """The types of the events in the log."""
        return [each.type for each in await self._store.read_stream(IMPORTS.stream(str(self.of)))]

    async def starts(self) -> list[UUID]:
        """The runs in the log."""
        events = [decode(each).event for each in await self._store.read_stream(IMPORTS.stream(str(self.of)))]
        return [event.started_by for event in events if isinstance(event, ImportStarted)]


@pytest_asyncio.fixture(loop_scope="session")
async def office(both: Both) -> Office:
    return Office(both)


async def test_an_import_is_recorded_from_its_start_to_its_report(office: Office) -> None:
    imports = office.processes[0]
    assert await imports.state(office.of) == Unstarted()
    first = await office.give(start(of=office.of))
    await office.give(progress(7, about=office.of))
    last = await office.give(end(report(booked=7), about=office.of))
    assert (first.revision, first.repeated, last.revision, last.repeated) == (0, False, 2, False)
    assert await office.recorded() == ["ImportStarted", "ImportProgressed", "ImportBooked"]
    assert isinstance(await imports.state(office.of), Booked)


async def test_of_two_starts_at_once_one_wins(office: Office) -> None:
    found = await asyncio.gather(
        *(office.give(start(number, of=office.of), process=number % 2) for number in (1, 2)),
        return_exceptions=True,
    )
    assert sorted(type(each).__name__ for each in found) == [ImportUnderWay.__name__, Outcome.__name__]
    winner = next(number for number, each in enumerate(found, 1) if isinstance(each, Outcome))
    assert await office.starts() == [run(winner, office.of)]


async def test_a_start_that_arrives_many_times_at_once_starts_one_run(office: Office) -> None:
    found = await asyncio.gather(*(office.give(start(of=office.of), process=n % 2) for n in range(8)))
    assert {(each.position, each.revision) for each in found} == {(found[0].position, 0)}
    assert await office.starts() == [run(1, office.of)]


async def test_of_runs_that_take_over_at_once_the_last_one_records(office: Office) -> None:
    await office.give(start(of=office.of))
    await asyncio.gather(
        *(office.give(start(n, of=office.of, takes_over=True), process=n % 2) for n in (2, 3))
    )
    starts = await office.starts()
    assert set(starts) == {run(number, office.of) for number in (1, 2, 3)}
    newest = next(number for number in (2, 3) if run(number, office.of) == starts[-1])
    for number in {1, 2, 3} - {newest}:
        with pytest.raises(ImportTakenOver):
            await office.give(progress(7, by=number, about=office.of), process=1)
    await office.give(progress(7, by=newest, about=office.of))
    assert isinstance(await office.processes[1].state(office.of), UnderWay)


async def test_the_first_end_counts_and_the_other_one_is_answered_with_it(office: Office) -> None:
    await office.give(start(of=office.of))
    first = await office.give(end(report(booked=7), about=office.of))
    second = await office.give(end("It was interrupted.", about=office.of), process=1)
    assert isinstance(second.event, ImportBooked)
    assert (second.repeated, second.position) == (True, first.position)
    assert await office.recorded() == ["ImportStarted", "ImportBooked"]


async def test_a_repeated_start_is_answered_as_before_also_after_another_run(office: Office) -> None:
    first = await office.give(start(of=office.of))
    await office.give(end(about=office.of))
    await office.give(start(2, of=office.of), process=1)
    again = await office.give(start(of=office.of))
    assert (again.position, again.event, again.repeated) == (first.position, first.event, True)
    with pytest.raises(CommandReused):
        await office.give(start(of=office.of, all_new=True))


async def test_an_import_is_forgotten_and_read_again(office: Office) -> None:
    await office.give(start(of=office.of))
    imports = office.processes[0]
    imports.forget(IMPORTS.stream(str(office.of)))
    await office.give(progress(7, about=office.of))
    imports.forget_all()
    again = await office.give(progress(7, about=office.of))
    assert (again.repeated, again.revision) == (True, 1)
    await imports.close()
