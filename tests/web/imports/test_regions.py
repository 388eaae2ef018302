"""One import as its page shows it, in every state, over read models that stand still or are missing."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.identifiers import AccountId
from domain.imports import IMPORTS, EndImport, RecordProgress, StartImport
from domain.imports.report import Conflict, Difference, Listed, Opening, Recognised, Refused, Stopped
from eventstore.memory import MemoryLog, MemoryStore
from projections.engine import keys
from projections.engine.clients import Redis, reader
from projections.engine.reading import live_prefix
from projections.readmodels.imports import MODEL, ROWS
from tests.kit.importing import Importing
from tests.kit.journal import Journal, tell
from tests.kit.projector import project_all
from tests.kit.users import fresh_keys
from tests.kit.valkey import Valkey, valkey
from tests.web.imports.kit import finding, text_of
from web import messages_on_imports as messages
from web.app import services_of
from web.live.batch import Batch
from web.live.regions import Regions
from web.nouns import REGIONS

IMPORT = UUID(int=1)


@pytest.fixture
def journal() -> Journal:
    """An import of bank.csv is under way."""
    made = Journal()
    tell(made, IMPORTS, started())
    return made


@pytest.fixture
def server() -> Any:
    with valkey() as running:
        yield running


@pytest.fixture
async def redis(server: Valkey) -> AsyncIterator[Redis]:
    async with reader(server.url) as made:
        yield made


def started(command_id: UUID | None = None, **more: Any) -> StartImport:
    about: dict[str, Any] = {"digest": "ab" * 32, "format": "csv", "currency": "EUR", "only_check": True}
    return StartImport(
        import_id=IMPORT, command_id=command_id or UUID(int=2), file="bank.csv", **about | more
    )


RUN = started().effect_id


def progressed(done: int, of: int, run: UUID = RUN) -> RecordProgress:
    return RecordProgress(import_id=IMPORT, command_id=uuid4(), run=run, doing="checking", done=done, of=of)


def ended(result: Any) -> EndImport:
    return EndImport(import_id=IMPORT, command_id=uuid4(), run=RUN, result=result)


class Kept(Importing):
    """It has every file."""

    def has(self, digest: str) -> bool:
        return True


async def shown(journal: Journal, redis: Redis, *, kept: bool = True, of: UUID = IMPORT) -> str:
    message = await regions_of(journal, redis, kept=kept).whole(f"import:{of}")
    return text_of(message.data.decode().replace("data: ", ""))


def regions_of(journal: Journal, redis: Redis, *, kept: bool = True) -> Regions:
    store = MemoryStore(journal.records)
    importer = (Kept if kept else Importing)(store, lambda: MemoryLog(journal.records), Path("/nonexistent"))
    return Regions(services_of(store, redis, fresh_keys(), importer, "CZK", {}), REGIONS)


async def test_an_import_is_shown_as_the_log_has_it_until_the_read_model_has_it(
    journal: Journal, redis: Redis, server: Valkey
) -> None:
    await asyncio.to_thread(project_all, lambda: Journal().log, server.url)
    page = await shown(journal, redis)
    assert "settling" in page
    assert messages.WAITING in page
    await redis.delete(keys.live("imports"))
    assert "The list of imports is being rebuilt" in await shown(journal, redis)


async def test_the_region_of_an_import_that_does_not_exist_says_so(journal: Journal, redis: Redis) -> None:
    assert "Not found" in await shown(journal, redis, of=uuid4())


async def test_progress_has_figures(journal: Journal, redis: Redis, server: Valkey) -> None:
    tell(journal, IMPORTS, progressed(1234, 50_000))
    await asyncio.to_thread(project_all, lambda: journal.log, server.url)
    page = await shown(journal, redis)
    assert messages.DOING["checking"] in page
    assert "1 234 of 50 000" in page
    assert "settling" not in page


@pytest.mark.parametrize("kept", [True, False])
async def test_a_failure_says_why_and_what_to_do(journal: Journal, redis: Redis, kept: bool) -> None:
    tell(journal, IMPORTS, ended("It is broken:\n  line 2: no amount.\n  line 3: no day."))
    page = await shown(journal, redis, kept=kept)
    assert "It is broken: line 2: no amount. line 3: no day." in page
    assert ("Start again Choose another file" in page) == kept
    assert ("choose it again" in page) != kept


async def test_a_file_that_is_not_kept_cannot_be_booked(journal: Journal, redis: Redis) -> None:
    tell(journal, IMPORTS, ended(finding()))
    page = await shown(journal, redis, kept=False)
    assert "The file is not kept here." in page
    assert "Book 2 lines" not in page


async def test_every_list_has_its_total_and_says_how_to_get_the_rest(journal: Journal, redis: Redis) -> None:
    account, day = AccountId("577"), date(2026, 3, 1)
    about: dict[str, Any] = {"line": 2, "account_id": account}
    total = Listed(
        recognised=1, held=0, missing=0, conflicts=1234, openings=1, differences=1, stopped=1, refused=1
    )
    report = finding(
        opening=5000,
        listed=total,
        exact=1,
        skipped=1,
        cleaned=3,
        shortened=4,
        wrong=1,
        conflicts=(Conflict(**about, id="T1", amount=-100, booked=-200),),
        refused=(Refused(**about, amount=-300, reason="Not enough money."),),
        stopped=(Stopped(account_id=account, transactions=7, reason="It is damaged."),),
        openings=(Opening(account_id=account, bank=6000, log=1000),),
        differences=(Difference(**about, day=day, bank=-400, booked=None),),
        recognised=(Recognised(**about, day=day, amount=-500, entry_id=uuid4()),),
    )
    tell(journal, IMPORTS, ended(report))
    page = await shown(journal, redis)
    assert "Other amounts 1 234" in page
    assert "The first 1 are shown. ./daybook import FILE --check --json lists all of them." in page
    said = ("T1", "Not enough money.", "It is damaged.", "60.00", "not in the log", "\u22125.00")
    for words in (*said, messages.opening("+50.00 EUR"), messages.skipped("1 line"), messages.cleaned("3")):
        assert words in page


async def test_a_report_stays_while_a_later_run_is_under_way(journal: Journal, redis: Redis) -> None:
    tell(journal, IMPORTS, ended(finding()))
    tell(journal, IMPORTS, started(UUID(int=3), only_check=False))
    page = await shown(journal, redis)
    assert "To book 2" in page
    assert "Book 2 lines" not in page


async def test_progress_alone_is_sent_without_the_report(
    journal: Journal, redis: Redis, server: Valkey
) -> None:
    tell(journal, IMPORTS, ended(finding()))
    tell(journal, IMPORTS, started(UUID(int=3), only_check=False))
    begun = await batch_of(journal, redis, server)
    tell(journal, IMPORTS, progressed(1, 2, started(UUID(int=3)).effect_id))
    moved = await batch_of(journal, redis, server)
    regions = regions_of(journal, redis)
    first, later = [await regions.of(f"import:{IMPORT}", batch) for batch in (begun, moved)]
    assert first is not None
    assert b"To book" in first.data
    assert later is not None
    assert b"1 of 2" in later.data
    assert b"To book" not in later.data


async def batch_of(journal: Journal, redis: Redis, server: Valkey) -> Batch:
    """The newest change of the import, as it is published."""
    await asyncio.to_thread(project_all, lambda: journal.log, server.url)
    prefix = await live_prefix(redis, MODEL)
    row = await redis.hget(f"{prefix}rows", str(IMPORT))
    batch = Batch()
    assert isinstance(row, bytes)
    batch.add(journal.all[-1].position, {ROWS: [(str(IMPORT), row)]})
    return batch
