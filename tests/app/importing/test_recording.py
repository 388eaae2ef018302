"""The record of an import: what a page that follows it is told, however it ends."""

import asyncio
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from app.importing.booking import Progress
from app.importing.carrying import carry_out
from app.importing.recording import ENDINGS, Record, start, why
from app.importing.report import Report
from app.importing.uploads import Uploads
from app.messages import importing as messages
from commands.imports import Imports
from domain.accounts import ACCOUNTS
from domain.imports import (
    IMPORTS,
    Booked,
    Checked,
    Existing,
    Failed,
    ImportBooked,
    ImportChecked,
    ImportFailed,
    ImportProgressed,
    ImportStarted,
    ImportTakenOver,
    Standing,
    StartImport,
    UnderWay,
)
from eventstore.codec import decode, decode_metadata
from eventstore.memory import MemoryLog, MemoryStore, Records
from tests.app.importing.test_uploads import chunks
from tests.kit.reactors import until

_FILE = (
    b"account,date,amount,note,balance\nrent,2026-03-01,100.00,march,350.00\nfood,2026-03-02,-7.50,bread,\n"
)


class House:
    """A log in memory and a folder of files."""

    def __init__(self, folder: Path) -> None:
        self.records = Records()
        self.store = MemoryStore(self.records)
        self.imports = Imports(self.store)
        self.uploads = Uploads(folder)

    async def started(self, content: bytes = _FILE, *, digest: str = "", **changes: bool | str) -> UUID:
        import_id = uuid4()
        digest = digest or await self.uploads.keep(chunks(content))
        await self.again(import_id, digest, only_check=True, **changes)
        return import_id

    async def again(self, import_id: UUID, digest: str, **changes: bool | str) -> UUID:
        fields: dict[str, object] = {"file": "march.csv", "format": "csv", "currency": "EUR", **changes}
        command = StartImport(import_id=import_id, command_id=uuid4(), digest=digest, **fields)  # type: ignore[arg-type]
        return await start(self.imports, command, "web")

    async def carried_out(self, import_id: UUID, run: UUID | None = None) -> Report:
        """`run`: by default the newest one."""
        run = run or (await self.standing(import_id)).run
        log = MemoryLog(self.records)
        return await carry_out(self.store, log, self.imports, self.uploads, import_id, run)

    async def events(self, import_id: UUID) -> list[object]:
        found = await self.store.read_stream(IMPORTS.stream(str(import_id)))
        return [decode(recorded).event for recorded in found]

    async def digest_of(self, import_id: UUID) -> str:
        return (await self.standing(import_id)).digest

    async def standing(self, import_id: UUID) -> Standing:
        found = await self.imports.state(import_id)
        assert isinstance(found, Existing)
        return found.standing


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


async def test_a_check_and_the_booking_after_it_are_one_import(house: House) -> None:
    import_id = await house.started()
    checked = await house.carried_out(import_id)
    assert (checked.to_book, checked.booked) == (2, 0)
    assert isinstance(await house.imports.state(import_id), Checked)
    assert await house.store.read_stream(ACCOUNTS.stream("rent")) == []
    await house.again(import_id, await house.digest_of(import_id), only_check=False)
    booked = await house.carried_out(import_id)
    assert booked.booked == 2
    assert isinstance(await house.imports.state(import_id), Booked)
    events = await house.events(import_id)
    kinds = [type(event) for event in events if not isinstance(event, ImportProgressed)]
    assert kinds == [ImportStarted, ImportChecked, ImportStarted, ImportBooked]


async def test_the_report_in_the_log_has_amounts_in_minor_units(house: House) -> None:
    import_id = await house.started()
    await house.carried_out(import_id)
    checked = (await house.events(import_id))[-1]
    assert isinstance(checked, ImportChecked)
    report = checked.report
    assert (report.first_day, report.last_day) == (date(2026, 3, 1), date(2026, 3, 2))
    assert (report.transactions, report.accounts, report.to_book, report.unchecked) == (2, 2, 2, 1)
    assert (report.opening, report.listed.openings, len(report.openings)) == (25_000, 1, 1)
    assert (report.openings[0].bank, report.openings[0].log) == (25_000, 0)
    assert report.is_fine


async def test_entries_have_the_id_of_the_import_as_their_correlation_id(house: House) -> None:
    import_id = await house.started()
    await house.carried_out(import_id)
    await house.again(import_id, await house.digest_of(import_id), only_check=False)
    await house.carried_out(import_id)
    for recorded in house.records.all:
        metadata = decode_metadata(recorded)
        assert metadata.correlation_id == str(import_id)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"account,date,amount,note\nrent,2026-03-01,1 0 0,x\n", 2),
        (b"account,date,amount,note\na b,2026-03-01,1,x\n", 2),
    ],
)
async def test_what_is_wrong_with_a_file_is_in_the_record(house: House, content: bytes, line: int) -> None:
    import_id = await house.started(content)
    with pytest.raises(ENDINGS) as raised:
        await house.carried_out(import_id)
    failed = (await house.events(import_id))[-1]
    assert isinstance(failed, ImportFailed)
    assert failed.reason == why(raised.value)
    assert failed.reason.startswith("march.csv: ")
    assert f"line {line}" in failed.reason


async def test_a_file_that_is_no_longer_kept_is_said_to_be_missing(house: House) -> None:
    import_id = await house.started(digest="0" * 64)
    with pytest.raises(FileNotFoundError):
        await house.carried_out(import_id)
    failed = (await house.events(import_id))[-1]
    assert isinstance(failed, ImportFailed)
    assert failed.reason == messages.ended_by_the_file("No such file or directory")


async def test_an_interrupted_import_says_so_and_may_start_again(house: House) -> None:
    import_id = await house.started()
    found = await house.imports.state(import_id)
    assert isinstance(found, UnderWay)
    record, began = Record(house.imports, import_id, found.standing.run, "cli"), asyncio.Event()

    async def endless(progress: Progress) -> Report:
        progress("booking", 1, 9)
        began.set()
        await asyncio.Event().wait()
        raise AssertionError

    working = asyncio.create_task(record.keep(endless, lambda *_: None))
    await began.wait()
    await until(lambda: _has(house, import_id, ImportProgressed))
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    failed = (await house.events(import_id))[-1]
    assert isinstance(failed, ImportFailed)
    assert failed.reason == messages.STOPPED_EARLY
    await house.again(import_id, await house.digest_of(import_id), only_check=False)
    assert (await house.carried_out(import_id)).booked == 2


async def test_a_run_that_was_taken_over_ends_and_records_nothing(house: House) -> None:
    import_id = await house.started()
    found = await house.imports.state(import_id)
    assert isinstance(found, UnderWay)
    record, taken = Record(house.imports, import_id, found.standing.run, "cli"), asyncio.Event()

    async def waiting(progress: Progress) -> Report:
        await taken.wait()
        progress("booking", 1, 9)
        await asyncio.Event().wait()
        raise AssertionError

    working = asyncio.create_task(record.keep(waiting, lambda *_: None))
    await house.again(import_id, await house.digest_of(import_id), only_check=True, takes_over=True)
    taken.set()
    with pytest.raises(ImportTakenOver):
        await working
    assert [type(event) for event in await house.events(import_id)] == [ImportStarted, ImportStarted]
    await house.carried_out(import_id)


async def test_an_import_that_has_ended_is_not_carried_out_again(house: House) -> None:
    import_id = await house.started()
    await house.carried_out(import_id)
    with pytest.raises(ImportTakenOver):
        await house.carried_out(import_id)
    assert isinstance(await house.imports.state(import_id), Checked)


async def test_the_first_end_of_a_run_counts(house: House) -> None:
    import_id = await house.started(b"nothing of ours")
    with pytest.raises(ENDINGS):
        await house.carried_out(import_id)
    failed = await house.imports.state(import_id)
    assert isinstance(failed, Failed)
    await Record(house.imports, import_id, failed.standing.run, "web").end("its process was killed")
    assert await house.imports.state(import_id) == failed


async def _has(house: House, import_id: UUID, kind: type) -> bool:
    return any(isinstance(event, kind) for event in await house.events(import_id))


async def test_a_run_that_is_not_the_newest_one_is_not_carried_out(house: House) -> None:
    import_id = await house.started()
    older = (await house.standing(import_id)).run
    await house.again(import_id, await house.digest_of(import_id), only_check=True, takes_over=True)
    with pytest.raises(ImportTakenOver):
        await house.carried_out(import_id, older)
    assert isinstance(await house.imports.state(import_id), UnderWay)


async def test_a_file_that_was_damaged_since_is_not_imported(house: House) -> None:
    import_id = await house.started()
    house.uploads.path(await house.digest_of(import_id)).write_bytes(_FILE[:40])
    with pytest.raises(ENDINGS):
        await house.carried_out(import_id)
    assert isinstance(await house.imports.state(import_id), Failed)


async def test_the_record_says_at_once_that_the_file_is_read(house: House) -> None:
    import_id = await house.started()
    await house.carried_out(import_id)
    progressed = [each for each in await house.events(import_id) if isinstance(each, ImportProgressed)]
    assert progressed[0].doing == "reading"
