"""The reactor of the guide, which is in examples/: each event is acted on once, whatever happens to the read side."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from eventstore.codec import Fact
from eventstore.store import Recorded
from examples.welcome import welcome
from projections.engine.clients import writer
from projections.readmodels import NAMES
from reactors.reactor import Reactor, Tools
from tests.commands.people import a_person
from tests.kit.projector import project_all, rebuild
from tests.kit.reactors import Log, reacting, until
from tests.kit.valkey import valkey

pytestmark = pytest.mark.asyncio(loop_scope="session")

LONG_AGO = datetime.now(UTC) - timedelta(days=1)


class Counted:
    """`reactor`, and how often it acted on each event."""

    def __init__(self, reactor: Reactor) -> None:
        self.acted = Counter[str]()
        self._act = reactor.act
        self.reactor = msgspec.structs.replace(reactor, act=self._counted)

    async def _counted(self, fact: Fact[object], tools: Tools) -> bool:
        self.acted[fact.recorded.event_id] += 1
        return await self._act(fact, tools)


async def people(log: Log, count: int) -> None:
    for _ in range(count):
        await a_person(log.store, log.keys)


async def created(log: Log) -> list[Recorded]:
    found = await log.store.read_all(prefixes=["user-"], limit=100)
    return [event for event in found if event.type == "UserCreated"]


def letters(folder: Path) -> dict[str, str]:
    """The text of each, by the id of its event."""
    return {file.stem: file.read_text(encoding="utf-8") for file in folder.glob("*.txt")}


async def written(log: Log, folder: Path) -> bool:
    return letters(folder).keys() == {event.event_id for event in await created(log)}


async def test_a_letter_is_written_once_and_not_again_at_a_rebuild_or_after_a_restart(
    log: Log, tmp_path: Path
) -> None:
    folder = tmp_path / "letters"
    folder.mkdir()
    counted = Counted(welcome(folder, LONG_AGO))
    async with reacting(log, [counted.reactor]):
        await people(log, 3)
        await until(lambda: written(log, folder))
        await asyncio.to_thread(rebuild_all, log)
        await people(log, 1)
        await until(lambda: written(log, folder))
    async with reacting(log, [counted.reactor]):
        await people(log, 1)
        await until(lambda: written(log, folder))
    assert counted.acted == Counter(event.event_id for event in await created(log))
    assert len(letters(folder)) == 5
    assert all(letter.startswith("Welcome, p-") for letter in letters(folder).values())


def rebuild_all(log: Log) -> None:
    event_log = log.open_log()
    with valkey() as server, writer(server.url) as client:
        project_all(log.open_log, server.url)
        rebuild(event_log, client, NAMES)
    event_log.close()


async def test_a_letter_that_is_there_stays_as_it_is(log: Log, tmp_path: Path) -> None:
    """The process was killed after it wrote the letter, and before its checkpoint."""
    await people(log, 1)
    (event,) = await created(log)
    letter = tmp_path / f"{event.event_id}.txt"
    letter.write_text("sent", encoding="utf-8")
    counted = Counted(welcome(tmp_path, LONG_AGO))
    async with reacting(log, [counted.reactor]):
        await until(lambda: counted.acted.total())
    assert letter.read_text(encoding="utf-8") == "sent"


async def test_people_from_before_it_was_added_get_no_letter(log: Log, tmp_path: Path) -> None:
    await people(log, 2)
    async with reacting(log, [welcome(tmp_path, since=datetime.now(UTC))]):
        await people(log, 1)
        await until(lambda: letters(tmp_path))
    newest, *_ = await created(log)
    assert [*letters(tmp_path)] == [newest.event_id]
