"""The read model `imports`: what it holds of each import, the list of them, and how the audit checks it."""

from uuid import UUID, uuid5

import msgspec
import pytest
import redis as redis_py

from domain.imports import IMPORTS, ImportCommand
from projections.audit import audit
from projections.engine.clients import Redis
from projections.engine.facts import Streams
from projections.engine.folding import changes as published
from projections.engine.folding import fold
from projections.engine.reading import ReadModelMissing
from projections.readmodels import READ_MODELS, imports
from projections.readmodels.imports import Imported
from tests.kit.accounts import an_id
from tests.kit.audited import made_and_expected
from tests.kit.imports import DIGEST, IMPORT, end, progress, report, start
from tests.kit.journal import Journal, tell
from tests.kit.memory_redis import ReadSide
from tests.kit.projector import project_all, rebuild

IDS = [IMPORT, *(uuid5(an_id(number), "import") for number in range(2, 6))]
"""Of imports, in the order in which they start in `several_imports`."""
WHY = "The log did not answer."


def told(journal: Journal, *commands: ImportCommand) -> int:
    return [tell(journal, IMPORTS, command) for command in commands][-1]


async def found_in(read_side: ReadSide, journal: Journal, of: UUID = IMPORT) -> Imported:
    read_side.project(journal)
    found = await imports.one(read_side.redis, of)
    assert found is not None
    return found


async def listed(redis: Redis, limit: int = 50) -> list[list[int]]:
    """The places in IDS of the imports on each page."""
    pages, after = [], None
    while True:
        page = await imports.newest(redis, after=after, limit=limit)
        pages.append([IDS.index(each.import_id) for each in page.imports])
        after = page.after
        if after is None:
            return pages


async def test_an_import_is_as_it_was_started_at_first(read_side: ReadSide, journal: Journal) -> None:
    at = told(journal, start(book_similar=True, shorten_notes=True))
    created = journal.all[0].created
    assert await found_in(read_side, journal) == Imported(
        import_id=IMPORT,
        state="under-way",
        file="march.csv",
        digest=DIGEST,
        format="csv",
        currency="CZK",
        only_check=False,
        book_similar=True,
        all_new=False,
        shorten_notes=True,
        doing=None,
        done=0,
        of=0,
        started=created,
        actor="teller",
        changed=created,
        position=at,
        revision=0,
        report=None,
        failure=None,
    )
    assert await imports.one(read_side.redis, an_id(5)) is None


async def test_an_import_shows_how_far_it_is(read_side: ReadSide, journal: Journal) -> None:
    told(journal, start(), progress(5, of=9, doing="looking-up"))
    at = told(journal, progress(7, of=300))
    found = await found_in(read_side, journal)
    assert (found.state, found.doing, found.done, found.of) == ("under-way", "booking", 7, 300)
    assert (found.position, found.revision, found.changed) == (at, 2, journal.all[-1].created)
    assert found.started == journal.all[0].created


@pytest.mark.parametrize(("only_check", "state"), [(True, "checked"), (False, "booked")])
async def test_an_import_that_has_ended_has_its_report(
    read_side: ReadSide, journal: Journal, only_check: bool, state: str
) -> None:
    told(journal, start(only_check=only_check), end(report(transactions=3)))
    found = await found_in(read_side, journal)
    assert (found.state, found.report, found.failure) == (state, report(transactions=3), None)


async def test_an_import_that_ended_early_says_why(read_side: ReadSide, journal: Journal) -> None:
    told(journal, start(), progress(7), end(WHY))
    found = await found_in(read_side, journal)
    assert (found.state, found.failure, found.report, found.done) == ("failed", WHY, None, 7)


async def test_an_import_that_starts_again_keeps_its_report_until_there_is_another_one(
    read_side: ReadSide, journal: Journal
) -> None:
    told(journal, start(only_check=True), progress(7, doing="checking"), end(report(to_book=3)))
    told(journal, start(2, all_new=True))
    found = await found_in(read_side, journal)
    assert (found.state, found.only_check, found.all_new) == ("under-way", False, True)
    assert (found.doing, found.done, found.of) == (None, 0, 0)
    assert (found.started, found.report) == (journal.all[-1].created, report(to_book=3))


async def test_the_newest_report_counts(read_side: ReadSide, journal: Journal) -> None:
    told(journal, start(only_check=True), end(report(to_book=3)), start(2), end(report(booked=3), by=2))
    assert (await found_in(read_side, journal)).report == report(booked=3)


async def test_a_failure_goes_when_the_import_starts_again_and_the_report_does_not(
    read_side: ReadSide, journal: Journal
) -> None:
    told(journal, start(only_check=True), end(report(to_book=3)), start(2), end(WHY, by=2))
    failed = await found_in(read_side, journal)
    assert (failed.failure, failed.report) == (WHY, report(to_book=3))
    told(journal, start(3))
    again = await found_in(read_side, journal)
    assert (again.failure, again.report) == (None, report(to_book=3))


async def test_an_import_whose_stream_is_stopped_says_so(read_side: ReadSide, journal: Journal) -> None:
    told(journal, start())
    journal.scribble(IMPORTS.stream(str(IMPORT)), "ImportBooked")
    found = await found_in(read_side, journal)
    assert found.state == "under-way"
    assert found.stopped is not None


# The list.


def several_imports(journal: Journal) -> None:
    """The first one is checked, the second booked, the third failed, the fourth under way, the fifth has started."""
    for number, of in enumerate(IDS, 1):
        told(journal, start(number, of=of, only_check=number == 1))
    told(journal, end(report(to_book=1)), end(report(booked=1), by=2, about=IDS[1]))
    told(journal, end(WHY, by=3, about=IDS[2]), progress(7, by=4, about=IDS[3]))


async def test_imports_come_newest_start_first_and_pages_join(read_side: ReadSide, journal: Journal) -> None:
    several_imports(journal)
    read_side.project(journal)
    assert await listed(read_side.redis) == [[4, 3, 2, 1, 0]]
    assert await listed(read_side.redis, limit=2) == [[4, 3], [2, 1], [0]]
    assert await listed(read_side.redis, limit=5) == [[4, 3, 2, 1, 0]]


async def test_an_import_that_starts_again_comes_first(read_side: ReadSide, journal: Journal) -> None:
    several_imports(journal)
    told(journal, start(9, of=IDS[1]), start(10, of=IDS[3], takes_over=True))
    read_side.project(journal)
    assert await listed(read_side.redis) == [[3, 1, 4, 2, 0]]


async def test_there_may_be_no_imports(read_side: ReadSide, journal: Journal) -> None:
    read_side.project(journal)
    assert await listed(read_side.redis) == [[]]


async def test_a_cursor_that_no_page_gave_is_refused(read_side: ReadSide, journal: Journal) -> None:
    several_imports(journal)
    read_side.project(journal)
    with pytest.raises(ValueError, match="nonsense"):
        await imports.newest(read_side.redis, after="nonsense")


def test_each_progress_is_published(journal: Journal) -> None:
    told(journal, start())
    told(journal, progress(7))
    batch = Streams().read(journal.all)
    news = msgspec.structs.replace(batch, facts=batch.facts[-1:])
    values = published(fold(imports.MODEL, news, set()), imports.MODEL)
    assert [(key, name) for key, name, _ in values] == [(imports.ROWS, str(IMPORT))]


# The audit.


def whole_life(journal: Journal) -> None:
    several_imports(journal)
    told(journal, start(9, of=IDS[0]), progress(5, by=9, doing="looking-up"), progress(7, by=9))
    told(journal, start(10, of=IDS[2]), end(report(booked=2), by=10, about=IDS[2]))
    told(journal, start(11, of=IDS[1]), end(WHY, by=11, about=IDS[1]))


def test_what_is_expected_is_what_the_projection_makes(journal: Journal) -> None:
    whole_life(journal)
    made, expected = made_and_expected(imports.MODEL, journal)
    assert made == expected


@pytest.mark.every_server
def test_the_audit_expects_what_the_projection_makes(
    client: redis_py.Redis, url: str, journal: Journal
) -> None:
    whole_life(journal)
    project_all(lambda: journal.log, url)
    assert audit(journal.log, client) == []


@pytest.mark.every_server
@pytest.mark.parametrize(("key", "number"), [("rows", 0), ("starts", 4), ("reports", 1), ("failures", 1)])
def test_the_audit_finds_what_was_changed(
    client: redis_py.Redis, url: str, journal: Journal, key: str, number: int
) -> None:
    whole_life(journal)
    project_all(lambda: journal.log, url)
    client.hset(f"{{imports:1}}:{key}", str(IDS[number]), "")
    (found,) = audit(journal.log, client)
    assert key in found
    assert str(IDS[number]) in found


@pytest.mark.every_server
def test_the_audit_finds_a_place_that_was_changed(client: redis_py.Redis, url: str, journal: Journal) -> None:
    whole_life(journal)
    project_all(lambda: journal.log, url)
    client.zincrby("{imports:1}:by_start", 1, str(IDS[1]))
    (found,) = audit(journal.log, client)
    assert "by_start" in found


@pytest.mark.every_server
def test_the_audit_finds_a_failure_of_an_import_that_has_not_failed(
    client: redis_py.Redis, url: str, journal: Journal
) -> None:
    whole_life(journal)
    project_all(lambda: journal.log, url)
    client.hset("{imports:1}:failures", str(IDS[3]), WHY)
    (found,) = audit(journal.log, client)
    assert str(IDS[3]) in found


@pytest.mark.every_server
def test_the_audit_names_an_import_that_is_stopped(
    client: redis_py.Redis, url: str, journal: Journal
) -> None:
    whole_life(journal)
    journal.scribble(IMPORTS.stream(str(IMPORT)), "ImportBooked")
    project_all(lambda: journal.log, url)
    found = audit(journal.log, client)
    assert len(found) == sum("import" in model.categories for model in READ_MODELS)
    assert all(IMPORTS.stream(str(IMPORT)) in sentence for sentence in found)


def test_a_rebuild_makes_the_same(client: redis_py.Redis, url: str, journal: Journal) -> None:
    whole_life(journal)
    project_all(lambda: journal.log, url)
    (done,) = rebuild(journal.log, client, ["imports"])
    assert (done.differences, done.flipped) == (0, True)
    assert audit(journal.log, client) == []


@pytest.mark.parametrize(
    ("key", "number"), [("rows", 3), ("starts", 3), ("reports", 0), ("reports", 1), ("failures", 2)]
)
async def test_a_lost_part_makes_the_read_model_missing(
    client: redis_py.Redis, redis: Redis, url: str, journal: Journal, key: str, number: int
) -> None:
    several_imports(journal)
    project_all(lambda: journal.log, url)
    client.delete(f"{{imports:1}}:{key}")
    with pytest.raises(ReadModelMissing):
        await imports.one(redis, IDS[number])
    with pytest.raises(ReadModelMissing):
        await imports.newest(redis)


async def test_what_an_import_never_had_is_not_lost(
    client: redis_py.Redis, redis: Redis, url: str, journal: Journal
) -> None:
    told(journal, start(), progress(7))
    project_all(lambda: journal.log, url)
    client.delete("{imports:1}:reports", "{imports:1}:failures")
    found = await imports.one(redis, IMPORT)
    assert found is not None
    assert (found.report, found.failure) == (None, None)
