"""A statement of many lines and accounts: memory, and an import that is ended in the middle and run again."""

import asyncio
import json
import random
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from app.importing import plain
from app.importing.booking import Wishes, book
from app.importing.report import Report, as_json
from app.importing.statement import Lines, Statement
from eventstore.memory import MemoryLog, MemoryStore, MemorySubscription, Records
from eventstore.store import METASTREAM, Appended, NewEvent, Recorded

pytestmark = pytest.mark.asyncio(loop_scope="session")

LINES, ACCOUNTS = 5_000, 500
HEADER = "account,date,amount,note,balance\n"
BYTES_A_LINE = 300
BOOK = Wishes()


class CountedStore(MemoryStore):
    """`reads` of each stream. `on_append` is called before each append."""

    def __init__(self, records: Records, on_append: Callable[[], None] = lambda: None) -> None:
        super().__init__(records)
        self.reads: Counter[str] = Counter()
        self._on_append = on_append

    async def append(self, stream: str, events: Sequence[NewEvent], *, expected: int) -> Appended:
        self._on_append()
        return await super().append(stream, events, expected=expected)

    async def read_stream(
        self, stream: str, *, start: int | None = None, limit: int | None = None, backwards: bool = False
    ) -> list[Recorded]:
        self.reads[stream] += 1
        return await super().read_stream(stream, start=start, limit=limit, backwards=backwards)


class CountedLog(MemoryLog):
    reads = 0

    def read(self, *, prefixes: Sequence[str], after: int | None) -> MemorySubscription:
        self.reads += 1
        return super().read(prefixes=prefixes, after=after)


def rows(note: str = "Card payment") -> Iterator[str]:
    chance, balances = random.Random(3), Counter[int]()
    for n in range(LINES):
        account = n if n < ACCOUNTS else chance.randrange(ACCOUNTS)
        amount = chance.choice([-1, 1]) * chance.randint(1, 9_999)
        balances[account] += amount
        day = n * 28 // LINES + 1
        yield f"a{account},2026-01-{day:02},{amount}.00,{note} {n:06},{balances[account]}.00\n"


def written(folder: Path, lines: Iterator[str]) -> Path:
    file = folder / "statement.csv"
    with file.open("w") as out:
        out.write(HEADER)
        out.writelines(lines)
    return file


def read(file: Path) -> Statement:
    return plain.read(file, "CZK", today=date(2026, 11, 26))


async def booked(records: Records, statement: Statement, wishes: Wishes = BOOK) -> Report:
    return await book(MemoryStore(records), MemoryLog(records), statement, wishes, lambda *_: None)


async def imported(records: Records, file: Path, wishes: Wishes = BOOK) -> Report:
    """As the command does it, with the whole report as JSON."""
    report = await booked(records, read(file), wishes)
    for _ in as_json(report):
        pass
    return report


@contextmanager
def at_most(bytes_a_line: int) -> Iterator[None]:
    """Of memory in addition to what there was."""
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak / LINES <= bytes_a_line


async def test_an_import_that_is_ended_in_the_middle_books_each_line_once_and_reads_only_what_it_must(
    tmp_path: Path,
) -> None:
    records = Records()
    whole = read(written(tmp_path, rows()))
    earlier = Statement(
        name=whole.name,
        format=whole.format,
        digest="earlier",
        currency="CZK",
        lines=Lines([line for line in whole.lines if line.account < "a3"][:500]),
    )
    await booked(records, earlier)
    left = 250

    def end_it() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            run.cancel()

    store = CountedStore(records, end_it)
    run = asyncio.create_task(book(store, MemoryLog(records), whole, BOOK, lambda *_: None))
    with pytest.raises(asyncio.CancelledError):
        await run

    before = {name: len(events) for name, events in records.streams.items()}
    in_file = Counter(f"account-{line.account}" for line in whole.lines)
    in_part = {name for name, lines in in_file.items() if 0 < before.get(name, 0) < lines + 1}
    assert in_part
    assert set(in_file) - set(before)
    store, log = CountedStore(records), CountedLog(records)
    report = await book(store, log, whole, BOOK, lambda *_: None)
    recognised = sum(before.values()) - len(before)
    assert (report.booked, report.already_booked) == (LINES - recognised, recognised)
    assert {name: len(events) - 1 for name, events in records.streams.items()} == in_file
    notes = [json.loads(event.data)["note"] for event in records.all if event.type != "AccountCreated"]
    assert sorted(notes) == sorted(line.note for line in whole.lines)
    assert log.reads == 1
    assert store.reads == Counter(each for name in in_part for each in (name, f"{METASTREAM}{name}"))


async def test_a_file_that_is_recognised_whole_is_reported_in_little_memory(tmp_path: Path) -> None:
    records, file = Records(), written(tmp_path, rows())
    await booked(records, read(file))
    with at_most(BYTES_A_LINE):
        report = await imported(records, file)
    assert (len(report.recognised), report.exact) == (LINES, LINES)
    assert [each.line for each in report.recognised] == list(range(2, LINES + 2))


@pytest.mark.slow
async def test_lines_that_are_all_held_back_are_reported_in_little_memory(tmp_path: Path) -> None:
    records = Records()
    await booked(records, read(written(tmp_path, rows("PENDING"))))
    with at_most(2 * BYTES_A_LINE):  # each line is in three lists
        report = await imported(records, written(tmp_path, rows("Card")))
    assert len(report.held) == len(report.missing) == len(report.differences) == LINES
    assert {each.note.replace("Card", "PENDING") == each.resembles.note for each in report.held} == {True}


@pytest.mark.slow
async def test_an_old_file_is_compared_with_a_large_log_in_little_memory(tmp_path: Path) -> None:
    """Each account of the log is in the file, but only its first entry."""
    records = Records()
    await booked(records, read(written(tmp_path, rows())))
    *lines, newest = rows()
    file = written(tmp_path, iter([*lines[:ACCOUNTS], newest]))
    with at_most(2 * BYTES_A_LINE):  # it includes what an import of any size takes
        report = await imported(records, file, Wishes(check=True))
    assert len(report.missing) == LINES - ACCOUNTS - 1
    assert {each.note[:4] for each in report.missing} == {"Card"}
