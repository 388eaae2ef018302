"""Bits that changed on disk, files cut short: refused at the start or when read, never a wrong answer."""

import random
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import apsw
import pytest
from esdbclient import EventStoreDBClient, NewEvent, StreamState
from esdbclient.exceptions import EventStoreDBClientException

from esdbnode.storage import transaction
from esdbnode.storage.checking import verify
from esdbnode.storage.database import CannotOpen, is_damage
from esdbnode.storage.log import Log
from esdbnode.storage.reading import Damaged, Span
from esdbnode.storage.transaction import Transaction
from esdbnode.testing import start_node
from esdbnode.wording import datafile
from tests.messages import pattern_of

STREAMS = 12
EVENTS = 900
DAMAGES = 1_500
REFUSALS = [
    re.compile(pattern_of(message))
    for message in (
        datafile.empty,
        datafile.wrong_header,
        datafile.pages_without_checksums,
        datafile.another_programs_or_damaged,
        datafile.another_programs,
        datafile.damaged_or_not_ours,
        datafile.cut_short,
    )
]
"""What a start may say about a damaged file; each tells what to do."""


def _fill(transaction: Transaction, numbers: range, rng: random.Random) -> None:
    for number in numbers:
        stream = f"stream-{rng.randrange(STREAMS)}"
        sid = transaction.intern_stream(stream)
        tid = transaction.intern_type(f"type-{number % 5}")
        payload = rng.randbytes(rng.choice((20, 400, 400, 9_000)))
        revision = transaction.last_revision(sid) + 1
        transaction.insert(
            transaction.take_position(), stream, sid, revision, tid, rng.randbytes(16), payload
        )


async def _filled(path: Path) -> Log:
    log, rng = Log(path), random.Random(1)
    for first in range(0, EVENTS, 100):
        await log.submit(partial(_fill, numbers=range(first, first + 100), rng=rng))
    return log


@pytest.fixture
async def sound(tmp_path: Path) -> Path:
    log = await _filled(tmp_path / "sound.db")
    await log.close()
    return tmp_path / "sound.db"


def _questions(log: Log) -> Iterator[Callable[[], Any]]:
    read = log.read
    yield read.head
    yield partial(read.all_forwards, 0, 1 << 62, 10_000)
    yield partial(read.all_backwards, 1 << 62, 300)
    for number in range(1, STREAMS + 1):
        yield partial(read.stream_id, f"stream-{number - 1}")
        yield partial(read.stream_name, number)
        yield partial(read.stream_forwards, Span(number, 0), 512)
        yield partial(read.stream_backwards, Span(number, 0), 512)
        yield partial(read.last_revision, number)
        yield partial(read.event, number, 7)
    for number in range(1, 6):
        yield partial(read.type_name, number)


def _answers(log: Log) -> list[Any]:
    """An answer for each question; None if damage was noticed instead."""
    answers: list[Any] = []
    for question in _questions(log):
        try:
            answers.append(question())
        except Damaged:
            answers.append(None)
        except apsw.Error as error:
            if not is_damage(error):
                raise
            answers.append(None)
    return answers


def _bytes(path: Path) -> bytes:
    return path.read_bytes()


def _written(path: Path, raw: bytes) -> Path:
    for old in path.parent.glob(f"{path.name}*"):
        old.unlink()
    path.write_bytes(raw)
    return path


def _with_wal(path: Path, waiting: bytes) -> None:
    path.with_name(f"{path.name}-wal").write_bytes(waiting)


async def _outcome(damaged: Path, right: list[Any]) -> str:
    try:
        log = Log(damaged)
    except CannotOpen as refusal:
        if not any(said.fullmatch(str(refusal)) for said in REFUSALS):
            raise
        return "at start"
    answers = _answers(log)
    await log.close()
    wrong = [n for n, answer in enumerate(answers) if answer not in (None, right[n])]
    assert not wrong
    return "when read" if None in answers else "harmless"


def _damages(raw: bytes, rng: random.Random) -> Iterator[bytes]:
    """A wrong bit, a wrong byte or some zeros anywhere, often in the first pages; and truncated files."""
    for _ in range(DAMAGES):
        at = rng.randrange(rng.choice((100, 5 * 4096, len(raw), len(raw))))
        kind = rng.randrange(5)
        if kind == 0:
            yield raw[:at]
        elif kind == 1:
            yield raw[:at] + bytes(512) + raw[at + 512 :]
        else:
            yield raw[:at] + bytes([raw[at] ^ 1 << rng.randrange(8)]) + raw[at + 1 :]


@pytest.mark.slow
async def test_damage_anywhere_is_noticed_at_start_or_when_read(
    sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transaction, "RECENT_IDS", 10)  # so that the start does not read all of it
    log = Log(sound)
    right = _answers(log)
    await log.close()
    assert None not in right
    found = Counter[str]()
    for raw in _damages(_bytes(sound), random.Random(2)):
        found[await _outcome(_written(tmp_path / "damaged.db", raw), right)] += 1
    assert found["at start"] > 50
    assert found["when read"] > 50


async def test_every_damage_is_found_by_the_check(sound: Path, tmp_path: Path) -> None:
    assert verify(sound) == (EVENTS, STREAMS, [])
    raw, rng = _bytes(sound), random.Random(3)
    for _ in range(40):
        at = rng.randrange(len(raw))
        damaged = _written(tmp_path / "damaged.db", raw[:at] + bytes([raw[at] ^ 0x10]) + raw[at + 1 :])
        try:
            assert verify(damaged).problems
        except CannotOpen:
            continue


async def test_a_flaw_with_all_checksums_right_is_found_by_the_check(sound: Path) -> None:
    """Damage as an error in the node itself would leave it."""
    log = Log(sound)
    log._connection.execute("UPDATE events SET rev = rev + 900 WHERE pos = 4000")
    log._connection.execute("UPDATE events SET checksum = 1 WHERE pos = 6000")
    log._connection.execute("DELETE FROM types WHERE tid = 3")
    await log.close()
    problems = verify(sound).problems
    assert datafile.event_not_its_checksum(6_000) in problems
    for pattern in (
        pattern_of(datafile.revision_out_of_order, position=4_000),
        pattern_of(datafile.event_without_names),
    ):
        assert any(re.fullmatch(pattern, problem) for problem in problems)


def test_a_client_gets_an_error_for_damage_and_other_streams_still_work(tmp_path: Path) -> None:
    data = tmp_path / "log.db"
    with start_node(data) as node, EventStoreDBClient(uri=node.uri) as client:
        for stream in ("hurt", "well"):
            event = NewEvent(type="T", data=stream.encode() * 2_000)
            client.append_to_stream(stream, current_version=StreamState.NO_STREAM, events=event)
        assert node.stop() == 0
    raw = data.read_bytes()
    good = tmp_path / "good.db"
    shutil.copy(data, good)
    with start_node(good) as node, EventStoreDBClient(uri=node.uri) as client:
        at = raw.index(b"hurt" * 900) + 1_000
        with open(good, "r+b") as file:  # the node is running and has not read the page yet
            file.seek(at)
            file.write(b"X")
        with pytest.raises(EventStoreDBClientException, match=pattern_of(datafile.damaged)):
            client.get_stream("hurt")
        assert client.get_stream("well")[0].data == b"well" * 2_000
        event = NewEvent(type="T", data=b"{}")
        client.append_to_stream("well", current_version=0, events=event)
        assert len(client.get_stream("well")) == 2
        with pytest.raises(EventStoreDBClientException, match=pattern_of(datafile.damaged)):
            list(client.read_all())
    data.write_bytes(raw[: len(raw) // 2])
    said = pattern_of(datafile.damaged_or_not_ours, path=str(data))
    with pytest.raises(AssertionError, match=said), start_node(data):
        pass


@pytest.mark.slow
async def test_damage_in_the_write_ahead_log_of_a_killed_node_is_noticed(tmp_path: Path) -> None:
    """All commits except the last one, which looks like a torn write if it is damaged."""
    log = await _filled(tmp_path / "killed.db")
    whole, commits = log.read.head(), EVENTS // 100
    raw, waiting = _bytes(tmp_path / "killed.db"), _bytes(tmp_path / "killed.db-wal")
    await log.close()
    rng, refused, least = random.Random(4), 0, whole * (commits - 1) // commits
    for _ in range(200):
        at = rng.randrange(len(waiting))
        damaged = _written(tmp_path / "damaged.db", raw)
        flipped = bytes([waiting[at] ^ 1 << rng.randrange(8)])
        _with_wal(damaged, waiting[:at] + flipped + waiting[at + 1 :])
        try:
            opened = Log(damaged)
        except CannotOpen:
            refused += 1
            continue
        assert opened.read.head() >= least
        await opened.close()
    assert refused > 100


async def test_a_torn_last_commit_does_not_count_as_damage(tmp_path: Path) -> None:
    log = await _filled(tmp_path / "killed.db")
    raw, waiting = _bytes(tmp_path / "killed.db"), _bytes(tmp_path / "killed.db-wal")
    await log.close()
    damaged = _written(tmp_path / "damaged.db", raw)
    _with_wal(damaged, waiting[:-5_000])
    opened = Log(damaged)
    assert 0 < opened.read.head() < EVENTS * transaction.POSITION_STEP
    await opened.close()
