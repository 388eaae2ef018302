"""The log without the node: shared commits, refusals without effect, damage that is noticed."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from esdbnode.storage import transaction
from esdbnode.storage.database import CannotOpen, is_damage
from esdbnode.storage.log import Log
from esdbnode.storage.reading import Damaged
from esdbnode.storage.transaction import Transaction
from esdbnode.storage.writing import CannotWrite
from esdbnode.streams.appends import Appended, append
from esdbnode.streams.revisions import Expect
from esdbnode.wording import datafile


def one(stream: str, payload: bytes = b"payload", id_: bytes | None = None) -> Callable[[Transaction], int]:
    """Work that appends one event to a stream; its position."""

    def work(transaction: Transaction) -> int:
        sid = transaction.intern_stream(stream)
        revision = transaction.last_revision(sid) + 1
        position = transaction.take_position()
        transaction.insert(
            position,
            stream,
            sid,
            revision,
            transaction.intern_type("T"),
            id_ or position.to_bytes(16, "big"),
            payload,
        )
        return position

    return work


def refused(_: Transaction) -> int:
    raise LookupError("no")


def stored(log: Log) -> list[int]:
    return [row[0] for row in log.read.all_forwards(0, 1 << 62, 10_000)]


@pytest.fixture(params=["file", "memory"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    return tmp_path / "log.db" if request.param == "file" else None


async def test_work_submitted_together_is_written_in_that_order(path: Path | None) -> None:
    log = Log(path)
    positions = await asyncio.gather(*[log.submit(one(f"s-{n % 3}")) for n in range(500)])
    assert positions == sorted(set(positions))
    assert stored(log) == positions
    assert log.head == positions[-1]
    await log.close()


async def test_a_refusal_does_not_affect_other_work_in_the_same_commit(path: Path | None) -> None:
    log = Log(path)
    results = await asyncio.gather(
        log.submit(one("s")), log.submit(refused), log.submit(one("s")), return_exceptions=True
    )
    assert [type(result) for result in results] == [int, LookupError, int]
    assert stored(log) == [results[0], results[2]]
    await log.close()


async def test_a_reader_sees_only_committed_events(tmp_path: Path) -> None:
    log = Log(tmp_path / "log.db")
    writing = [log.submit(one("s")) for _ in range(50)]
    while not all(future.done() for future in writing):
        seen = stored(log)
        assert seen == sorted(seen)
        assert len(seen) in (0, 50)
        await asyncio.sleep(0)
    assert len(stored(log)) == 50
    await log.close()


async def test_a_waiting_reader_is_woken_by_a_commit_to_its_stream(path: Path | None) -> None:
    log = Log(path)
    any_, own, other = (asyncio.create_task(log.written(stream)) for stream in (None, "s", "t"))
    await asyncio.sleep(0)
    await log.submit(one("s"))
    await asyncio.wait_for(asyncio.gather(any_, own), 5)
    assert not other.done()
    other.cancel()
    await log.close()


async def test_a_full_disk_refuses_clearly_and_writes_resume_with_free_space(tmp_path: Path) -> None:
    log = Log(tmp_path / "log.db")
    first = await log.submit(one("s"))
    pages = log._connection.pragma("page_count")
    log._connection.pragma("max_page_count", pages + 5)
    with pytest.raises(CannotWrite, match=re.escape(datafile.DISK_FULL)):
        await log.submit(one("t", b"x" * 200_000))
    assert stored(log) == [first]
    log._connection.pragma("max_page_count", 1_000_000)
    second = await log.submit(one("t", b"x" * 200_000))
    assert second > first
    assert stored(log) == [first, second]
    assert log.read.last_revision(log.read.stream_id("t")) == 0
    await log.close()


async def test_ids_of_a_refused_write_are_not_remembered(tmp_path: Path) -> None:
    log = Log(tmp_path / "log.db")
    log._connection.pragma("max_page_count", log._connection.pragma("page_count") + 5)
    ids = b"i" * 16

    def work(transaction: Transaction) -> None:
        sid = transaction.intern_stream("s")
        transaction.insert(
            transaction.take_position(), "s", sid, 0, transaction.intern_type("T"), ids, b"x" * 200_000
        )

    with pytest.raises(CannotWrite):
        await log.submit(work)
    log._connection.pragma("max_page_count", 1_000_000)
    await log.submit(one("s"))
    known = await log.submit(lambda transaction: transaction.recent(ids, transaction.intern_stream("s")))
    assert known is None
    await log.close()


async def test_recent_ids_are_remembered_across_a_restart(tmp_path: Path) -> None:
    log = Log(tmp_path / "log.db")
    position = await log.submit(one("s"))
    await log.close()
    log = Log(tmp_path / "log.db")
    known = await log.submit(
        lambda transaction: transaction.recent(position.to_bytes(16, "big"), transaction.intern_stream("s"))
    )
    assert known == 0
    assert log.head == position
    await log.close()


@pytest.mark.parametrize("reopened", [False, True])
async def test_an_id_is_known_where_it_was_written_first(tmp_path: Path, reopened: bool) -> None:
    id_ = b"i" * 16
    log = Log(tmp_path / "log.db")
    for stream in ("s", "t"):
        await log.submit(one(stream, id_=id_))
    if reopened:
        await log.close()
        log = Log(tmp_path / "log.db")
    known = await log.submit(
        lambda transaction: [transaction.recent(id_, transaction.intern_stream(name)) for name in ("s", "t")]
    )
    assert known == [0, None]
    await log.close()


async def test_a_log_with_positions_in_another_step_is_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr(transaction, "POSITION_STEP", 2)
        log = Log(tmp_path / "log.db")
        written = [await log.submit(one("s")) for _ in range(60)]
        await log.close()
    log = Log(tmp_path / "log.db")
    written.append(await log.submit(one("s")))
    assert [written[0], written[59], written[60]] == [2, 120, 220]
    assert stored(log) == written
    assert all(log.is_position(position) for position in written)
    assert not any(log.is_position(position) for position in (1, 119, 121, 219, 221))
    await log.close()


@pytest.mark.parametrize("reopened", [False, True])
async def test_an_append_of_nothing_is_at_a_position_of_its_own(tmp_path: Path, reopened: bool) -> None:
    log = Log(tmp_path / "log.db")
    before = await log.submit(one("s"))
    nothing = await log.submit(lambda transaction: append(transaction, "s", Expect.ANY, []))
    after = await log.submit(one("s"))
    if reopened:
        await log.close()
        log = Log(tmp_path / "log.db")
    assert isinstance(nothing, Appended)
    assert nothing.position is not None
    assert before < nothing.position < after
    assert log.is_position(nothing.position)
    assert not log.is_position(nothing.position - 1)
    assert not log.is_position(nothing.position + 1)
    await log.close()


async def test_a_changed_byte_is_noticed_when_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transaction, "RECENT_IDS", 1)  # so that the start reads no more than the last event
    log = Log(tmp_path / "log.db")
    await asyncio.gather(*[log.submit(one("s", b"payload-%d" % n * 400)) for n in range(10)])
    await log.close()
    raw = (tmp_path / "log.db").read_bytes()
    at = raw.index(b"payload-7")
    (tmp_path / "log.db").write_bytes(raw[:at] + b"Q" + raw[at + 1 :])
    log = Log(tmp_path / "log.db")
    with pytest.raises(apsw.IOError) as noticed:
        stored(log)
    assert is_damage(noticed.value)
    sid = log.read.stream_id("s")
    assert sid is not None
    assert log.read.event(sid, 3) is not None
    with pytest.raises(apsw.IOError):
        log.read.event(sid, 7)
    await log.close()


async def test_a_changed_byte_that_no_page_gives_away_is_noticed_too(tmp_path: Path) -> None:
    log = Log(tmp_path / "log.db")
    positions = await asyncio.gather(*[log.submit(one("s", b"payload-%d" % n)) for n in range(10)])
    log._connection.execute("UPDATE events SET response = CAST('payload-8' AS BLOB) WHERE rev = 7")
    with pytest.raises(
        Damaged, match=re.escape(datafile.damaged(datafile.row_not_its_checksum(positions[7])))
    ):
        stored(log)
    sid = log.read.stream_id("s")
    assert sid is not None
    assert log.read.event(sid, 3) is not None
    with pytest.raises(
        Damaged, match=re.escape(datafile.damaged(datafile.event_not_its_checksum(positions[7])))
    ):
        log.read.event(sid, 7)
    await log.close()


async def test_damage_to_the_newest_events_is_noticed_at_start(tmp_path: Path) -> None:
    log = Log(tmp_path / "log.db")
    await log.submit(one("s"))
    await log.close()
    raw = (tmp_path / "log.db").read_bytes()
    (tmp_path / "log.db").write_bytes(raw.replace(b"payload", b"Payload"))
    said = datafile.damaged_or_not_ours(str(tmp_path / "log.db"), datafile.PAGE_NOT_ITS_CHECKSUM)
    with pytest.raises(CannotOpen, match=re.escape(said)):
        Log(tmp_path / "log.db")


async def test_a_file_in_use_is_refused_and_free_again_after_closing(tmp_path: Path) -> None:
    log = Log(tmp_path / "log.db")
    with pytest.raises(CannotOpen, match=re.escape(datafile.in_use(str(tmp_path / "log.db")))):
        Log(tmp_path / "log.db")
    await log.close()
    await Log(tmp_path / "log.db").close()


async def test_another_program_s_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    other = apsw.Connection(str(tmp_path / "other.db"))
    other.execute("CREATE TABLE theirs (x)")
    other.close()
    with pytest.raises(
        CannotOpen, match=re.escape(datafile.another_programs_or_damaged(str(tmp_path / "other.db")))
    ):
        Log(tmp_path / "other.db")
    (tmp_path / "text").write_text("not a database, but long enough to look like one" * 100)
    with pytest.raises(CannotOpen, match=re.escape(datafile.wrong_header(str(tmp_path / "text")))):
        Log(tmp_path / "text")


async def test_the_last_ids_are_remembered_in_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transaction, "RECENT_IDS", 10)
    log = Log(None)
    positions = [await log.submit(one("s")) for _ in range(95)]
    sid = log.read.stream_id("s")
    assert sid is not None

    def known(transaction: Transaction) -> list[int | None]:
        return [transaction.recent(position.to_bytes(16, "big"), sid) for position in positions]

    revisions = await log.submit(known)
    assert revisions[-10:] == list(range(85, 95))
    assert sum(revision is not None for revision in revisions) <= 20
    await log.close()
