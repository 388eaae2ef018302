"""A snapshot changes nothing but the time that a load takes."""

import asyncio
import hashlib
import logging
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commands import archive, messages, snapshots
from commands.cache import Loaded
from commands.repository import Repository
from commands.snapshots import Form, Unusable
from domain.accounts import ACCOUNTS, Account, AccountCommand, AccountCreated, AccountEvent, decide
from domain.errors import DomainError
from domain.vocabulary import VOCABULARY
from eventstore.memory import MemoryStore
from eventstore.store import StreamStopped
from tests.kit.accounts import ACCOUNT, create, deposit, record, withdraw
from tests.kit.faults import Unreliable
from tests.kit.holds import place, release
from tests.kit.journal import Journal
from tests.kit.lifecycle import close, freeze, set_limit, unfreeze
from tests.kit.snapshots import MemorySnapshots
from tests.kit.spec import fold

EVERY = 4
STREAM = ACCOUNTS.stream(ACCOUNT)

Bank = Repository[AccountCommand, Account, AccountEvent]


@pytest.fixture(autouse=True, scope="module")
def often() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archive, "EVERY", EVERY)
        yield


@pytest.fixture
def kept() -> MemorySnapshots:
    return MemorySnapshots()


@pytest.fixture
def journal() -> Journal:
    made = Journal()
    for amount in range(1, EVERY + 1):
        made.book(ACCOUNT, amount)
    return made


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG, archive.log.name)
    return caplog


def repository(journal: Journal, kept: MemorySnapshots | None) -> tuple[Bank, Unreliable]:
    """With nothing in memory."""
    store = Unreliable(MemoryStore(journal.records))
    return Repository(ACCOUNTS, store, snapshots=kept), store


async def load(journal: Journal, kept: MemorySnapshots | None) -> Loaded[Account]:
    """Cold; snapshots that are due are written."""
    bank, _ = repository(journal, kept)
    loaded = await bank.load(ACCOUNT)
    await bank.close()
    return loaded


def same(one: Loaded[Account], other: Loaded[Account]) -> bool:
    return (one.state, one.revision, one.last) == (other.state, other.revision, other.last)


# The same state by every path.


_numbers = st.integers(0, 30)
_amounts = st.integers(1, 5)
_commands = st.one_of(
    st.builds(create, _numbers, user=st.sampled_from([None, "u-1"])),
    st.builds(deposit, _numbers, _amounts, note=st.sampled_from(["", "Miete für März"])),
    st.builds(withdraw, _numbers, _amounts),
    st.builds(record, _numbers, _amounts.map(lambda amount: -amount)),
    st.builds(place, _numbers, _amounts, ends=st.sampled_from([None, 10])),
    st.builds(release, _numbers, _numbers),
    st.builds(set_limit, _numbers, st.integers(0, 300)),
    st.one_of(st.builds(freeze, _numbers), st.builds(unfreeze, _numbers), st.builds(close, _numbers)),
)
_many = st.integers(0, 300).map(lambda count: [record(1_000 + n, 1) for n in range(count)])
_scripts = st.tuples(_many, st.lists(_commands, max_size=20)).map(lambda parts: [*parts[0], *parts[1]])


@settings(max_examples=60, deadline=None)
@given(_scripts, st.lists(_commands, max_size=8))
def test_every_path_leads_to_the_same_state(
    before: list[AccountCommand], after: list[AccountCommand]
) -> None:
    asyncio.run(_compare_paths(before, after))


async def _compare_paths(before: list[AccountCommand], after: list[AccountCommand]) -> None:
    journal, kept = Journal(), MemorySnapshots()
    warm, _ = repository(journal, kept)
    play(journal, before)
    await warm.load(ACCOUNT)
    await load(journal, kept)
    play(journal, after)
    whole, is_kept = await load(journal, None), bool(kept.blobs)
    from_snapshot = await load(journal, kept)
    assert same(whole, from_snapshot)
    assert (from_snapshot.snapshot > 0) == is_kept
    assert same(whole, await warm.load(ACCOUNT))
    await warm.close()


def play(journal: Journal, commands: list[AccountCommand]) -> None:
    for command in commands:
        state = journal.states.get(ACCOUNT, ACCOUNTS.initial)
        try:
            if decide(command, state):
                journal.give(command)
        except DomainError:
            pass


# When one is taken.


async def test_one_is_taken_of_a_long_stream_that_was_read_whole(
    journal: Journal, kept: MemorySnapshots
) -> None:
    await load(journal, kept)
    assert kept.puts == 1
    bank, store = repository(journal, kept)
    assert (await bank.load(ACCOUNT)).snapshot == EVERY
    assert store.read == [1]


async def test_none_is_taken_of_a_short_stream(kept: MemorySnapshots) -> None:
    journal = Journal()
    journal.book(ACCOUNT, 1)
    await load(journal, kept)
    assert (kept.puts, kept.gets) == (0, 1)


async def test_the_next_one_is_taken_some_events_later(journal: Journal, kept: MemorySnapshots) -> None:
    await load(journal, kept)
    for number in range(1, 2 * EVERY + 1):
        journal.book(ACCOUNT, 1)
        await load(journal, kept)
        assert kept.puts == 1 + number // EVERY


async def test_of_several_that_wait_for_one_stream_only_the_newest_is_written(kept: MemorySnapshots) -> None:
    made: archive.Archive[Account] = archive.Archive(ACCOUNTS, kept)
    for revision in (4, 8, 12):
        made.take(STREAM, Loaded(fold(), revision, "x"))
    await made.close()
    found = await made.get(STREAM)
    assert found is not None
    assert (kept.puts, found.revision) == (1, 12)


async def test_only_a_limited_number_of_streams_waits(
    kept: MemorySnapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "_WAITING", 2)
    made: archive.Archive[Account] = archive.Archive(ACCOUNTS, kept)
    for number in range(5):
        made.take(f"account-{number}", Loaded(fold(), 4, "x"))
    await made.close()
    assert kept.puts == 2


# What cannot be used.


@given(st.binary(max_size=400))
def test_any_bytes_are_a_snapshot_or_unusable(blob: bytes) -> None:
    with pytest.raises(Unusable):
        Form(ACCOUNTS).decode(STREAM, blob)


@settings(max_examples=300)
@given(st.data())
def test_a_blob_that_is_changed_or_cut_anywhere_is_damaged(data: st.DataObject) -> None:
    form = Form(ACCOUNTS)
    blob = form.encode(STREAM, Loaded(fold(), 3, "x"))
    at = data.draw(st.integers(0, len(blob) - 1))
    changed = bytearray(blob)
    changed[at] ^= data.draw(st.integers(1, 255))
    for damaged in (bytes(changed), blob[:at], blob + b"x"):
        with pytest.raises(Unusable, match=messages.SNAPSHOT_DAMAGED):
            form.decode(STREAM, damaged)


@given(st.binary(max_size=100))
def test_any_content_with_a_right_digest_is_unusable_too(content: bytes) -> None:
    blob = hashlib.sha256(content).digest() + content
    with pytest.raises(Unusable):
        Form(ACCOUNTS).decode(STREAM, blob)


async def test_a_damaged_one_is_ignored_with_one_line(
    journal: Journal, kept: MemorySnapshots, said: pytest.LogCaptureFixture
) -> None:
    whole = await load(journal, kept)
    (key,) = kept.blobs
    kept.blobs[key] = kept.blobs[key][:-1]
    assert same(await load(journal, kept), whole)
    assert said.messages == [messages.snapshot_ignored(STREAM, messages.SNAPSHOT_DAMAGED)]


async def test_that_of_another_stream_is_ignored(
    journal: Journal, kept: MemorySnapshots, said: pytest.LogCaptureFixture
) -> None:
    for amount in range(9, 9 + EVERY):
        journal.book("b", amount)
    bank, _ = repository(journal, kept)
    await bank.load("b")
    await bank.close()
    (key,) = kept.blobs
    kept.blobs[key.replace("account-b", STREAM)] = kept.blobs[key]
    whole = await load(journal, None)
    assert same(await load(journal, kept), whole)
    assert said.messages == [messages.snapshot_ignored(STREAM, messages.SNAPSHOT_MISPLACED)]


@pytest.mark.parametrize("events", [0, 2, EVERY, 3 * EVERY])
async def test_that_of_another_log_is_ignored(
    kept: MemorySnapshots, journal: Journal, events: int, said: pytest.LogCaptureFixture
) -> None:
    """As after a restore from a copy, also if the log was written on."""
    await load(journal, kept)
    restored = Journal()
    for amount in range(100, 100 + events):
        restored.book(ACCOUNT, amount)
    whole = await load(restored, None)
    assert same(await load(restored, kept), whole)
    assert said.messages == [messages.snapshot_ignored(STREAM, messages.SNAPSHOT_NOT_OF_THIS_LOG)]


async def test_a_state_in_memory_that_is_not_of_this_log_is_dropped(journal: Journal) -> None:
    bank, _ = repository(journal, None)
    await bank.load(ACCOUNT)
    restored = Journal()
    for amount in range(100, 110):
        restored.book(ACCOUNT, amount)
    journal.records.streams.clear()
    journal.records.streams.update(restored.records.streams)
    assert same(await bank.load(ACCOUNT), await load(restored, None))


async def test_an_older_one_is_continued(journal: Journal, kept: MemorySnapshots) -> None:
    await load(journal, kept)
    older = dict(kept.blobs)
    for _ in range(3 * EVERY):
        journal.book(ACCOUNT, 1)
    await load(journal, kept)
    kept.blobs = older
    assert same(await load(journal, kept), await load(journal, None))


class Wider(msgspec.Struct, frozen=True, kw_only=True):
    """A state as a later release might have it."""

    currency: str = ""
    later: int = 0


def evolve_wider(state: Wider, event: AccountCreated) -> Wider:
    return state


WIDER: Any = msgspec.structs.replace(ACCOUNTS, initial=Wider(), evolve=evolve_wider)


async def test_that_of_another_schema_is_neither_read_nor_overwritten(kept: MemorySnapshots) -> None:
    ours, theirs = Form(ACCOUNTS), Form(WIDER)
    assert ours.key(STREAM) != theirs.key(STREAM)
    with pytest.raises(Unusable, match=messages.SNAPSHOT_OF_ANOTHER_RELEASE):
        ours.decode(STREAM, theirs.encode(STREAM, Loaded(Wider(), 3, "x")))


def test_the_schema_depends_on_every_event_and_its_version(monkeypatch: pytest.MonkeyPatch) -> None:
    before = Form(ACCOUNTS).schema
    assert before == Form(ACCOUNTS).schema
    own = [(number, each) for number, each in enumerate(VOCABULARY) if each.category == ACCOUNTS.category]
    for number, each in own:
        changed = list(VOCABULARY)
        changed[number] = msgspec.structs.replace(each, version=each.version + 1)
        monkeypatch.setattr(snapshots, "VOCABULARY", tuple(changed))
        assert Form(ACCOUNTS).schema != before


def test_a_state_without_effects_can_be_written() -> None:
    form = Form(ACCOUNTS)
    loaded = Loaded(ACCOUNTS.initial, 0, "x", snapshot=0)
    assert form.decode(STREAM, form.encode(STREAM, loaded)) == loaded


# Where they are kept is away.


@pytest.mark.parametrize("failure", [OSError("away"), TimeoutError()])
async def test_without_an_answer_the_stream_is_read_whole_and_nothing_is_asked_for_a_while(
    journal: Journal, kept: MemorySnapshots, failure: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = await load(journal, None)
    kept.failure = failure
    bank, _ = repository(journal, kept)
    for _ in range(3):
        assert same(await bank.load(ACCOUNT), whole)
        bank.forget_all()
    await bank.close()
    assert (kept.gets, kept.puts) == (1, 0)


async def test_after_a_while_it_is_asked_again(
    journal: Journal, kept: MemorySnapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "PAUSE", 0.0)
    kept.failure = OSError("away")
    bank, _ = repository(journal, kept)
    await bank.load(ACCOUNT)
    kept.failure = None
    bank.forget_all()
    await bank.load(ACCOUNT)
    await bank.close()
    assert kept.gets == 2
    assert kept.blobs


# A stream that another program deleted or limited.


@pytest.mark.parametrize("limits", [{"tb": 2**63 - 1}, {"maxCount": 3}, {"tb": 2}, {"maxAge": 9}])
async def test_a_limited_stream_is_refused_although_it_has_a_snapshot(
    journal: Journal, kept: MemorySnapshots, limits: dict[str, int]
) -> None:
    await load(journal, kept)
    journal.limit(ACCOUNT, **limits)
    with pytest.raises(StreamStopped):
        await load(journal, kept)
