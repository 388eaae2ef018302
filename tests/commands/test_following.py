"""With several web processes, the states that each has in memory follow what the others append."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands import relay
from commands.accounts import Accounts
from commands.cache import Cache
from commands.relay import Relay
from domain.accounts import ACCOUNTS, Account, AccountCommand
from eventstore.memory import MemoryStore, Records
from eventstore.store import Appended, EventStore, NewEvent, Recorded
from tests.commands.bank import until
from tests.kit.accounts import ACCOUNT, deposit, withdraw
from tests.kit.contexts import context_of
from tests.kit.faults import Unreliable
from tests.kit.snapshots import MemorySnapshots

STREAM = ACCOUNTS.stream(ACCOUNT)


class Office:
    """The write side of a process. `hear` gives it events of the log."""

    def __init__(self, store: EventStore, snapshots: MemorySnapshots | None = None) -> None:
        self.store = Unreliable(store)
        self.cache = Cache()
        self.accounts = Accounts(self.store, cache=self.cache, snapshots=snapshots)

    async def do(self, command: AccountCommand) -> int:
        """The balance."""
        return (await self.accounts.handle(command, context_of(command))).balance

    def hear(self, *records: Recorded) -> None:
        for recorded in records:
            self.accounts.follow(recorded)

    @property
    def kept(self) -> tuple[int, Account] | None:
        """The revision and the state in memory."""
        found = self.cache.get(STREAM)
        return None if found is None else (found.revision, found.state)


class City:
    """Two offices over one log. The first has opened the account with a deposit."""

    def __init__(self) -> None:
        self.records = Records()
        self.here, self.there = (Office(MemoryStore(self.records)) for _ in range(2))

    async def open(self) -> "City":
        await self.here.do(deposit(1, 100))
        return self

    @property
    def stream(self) -> list[Recorded]:
        return self.records.streams[STREAM]


@pytest.fixture
async def city() -> City:
    return await City().open()


async def there(city: City, *numbers: int) -> list[Recorded]:
    """Deposits of 1.00 at the other office; the events that they append."""
    before = len(city.stream)
    for number in numbers:
        await city.there.do(deposit(number, 100))
    return city.stream[before:]


async def test_a_command_on_what_another_process_wrote_meets_no_conflict(city: City) -> None:
    city.here.hear(*await there(city, 2, 3))
    appends, reads = city.here.store.appends, city.here.store.reads
    assert await city.here.do(withdraw(4, 300)) == 0
    assert (city.here.store.appends - appends, city.here.store.reads - reads) == (1, 0)


async def test_without_the_events_it_is_decided_again_and_right_too(city: City) -> None:
    await there(city, 2)
    appends = city.here.store.appends
    assert await city.here.do(withdraw(3, 150)) == 50
    assert city.here.store.appends - appends <= 2


async def test_an_event_after_a_gap_is_ignored_and_the_state_stays_for_a_load_to_begin_with(
    city: City,
) -> None:
    before = city.here.kept
    first, second = await there(city, 2, 3)
    city.here.hear(second)
    assert city.here.kept == before
    city.here.hear(first, second)
    assert city.here.kept == city.there.kept


async def test_what_it_appended_itself_and_what_comes_again_changes_nothing(city: City) -> None:
    city.here.hear(*await there(city, 2))
    before = city.here.kept
    city.here.hear(*city.stream, *reversed(city.stream))
    assert city.here.kept == before


async def test_no_state_is_made_of_an_account_that_is_not_in_memory(city: City) -> None:
    await there(city, 2)
    city.here.accounts.forget(STREAM)
    city.here.hear(*city.stream)
    assert city.here.kept is None


@pytest.mark.parametrize("data", [b"no JSON", b'{"account_id":"a"}'])
async def test_an_event_that_cannot_be_read_drops_the_state_and_is_never_guessed(
    city: City, data: bytes
) -> None:
    scribbled = NewEvent(id=UUID(int=1), type="MoneyDeposited", data=data, metadata=b"{}")
    city.records.append(STREAM, [scribbled], len(city.stream) - 1)
    city.here.hear(city.stream[-1])
    assert city.here.kept is None


async def test_an_event_that_cannot_follow_drops_the_state(city: City) -> None:
    first = city.stream[0]
    again = NewEvent(id=UUID(int=1), type=first.type, data=first.data, metadata=first.metadata)
    city.records.append(STREAM, [again], len(city.stream) - 1)
    city.here.hear(city.stream[-1])
    assert city.here.kept is None


async def test_another_event_at_the_revision_that_is_kept_drops_the_state(city: City) -> None:
    """The log was set back and written on, while this process did not hear of it."""
    restored = await City().open()
    await city.here.do(deposit(2, 100))
    await restored.here.do(deposit(9, 900))
    city.here.hear(restored.stream[-1])
    assert city.here.kept is None


class Late(MemoryStore):
    """An append is recorded at once, and answered when `answers` is set."""

    def __init__(self, records: Records) -> None:
        super().__init__(records)
        self.recorded, self.answers = asyncio.Event(), asyncio.Event()

    async def append(self, stream: str, events: Sequence[NewEvent], *, expected: int) -> Appended:
        appended = await super().append(stream, events, expected=expected)
        self.recorded.set()
        await self.answers.wait()
        return appended


async def test_an_answer_that_comes_after_the_next_event_was_heard_takes_nothing_back(city: City) -> None:
    late = Late(city.records)
    here = Office(late)
    await here.accounts.state(ACCOUNT)
    booking = asyncio.create_task(here.do(deposit(2, 100)))
    await late.recorded.wait()
    await there(city, 3)
    here.hear(*city.stream)
    late.answers.set()
    assert await booking == 200
    assert here.kept == city.there.kept


async def test_snapshots_are_left_to_who_appends() -> None:
    records, snapshots = Records(), MemorySnapshots()
    here, other = Office(MemoryStore(records), snapshots), Office(MemoryStore(records))
    await here.do(deposit(1, 100))
    for number in range(2, 302):
        await other.do(deposit(number, 100))
    here.hear(*records.streams[STREAM])
    assert here.kept == other.kept
    assert snapshots.puts == 0
    await here.do(deposit(400, 100))
    await here.accounts.close()
    assert snapshots.puts == 1


async def test_the_weight_of_the_states_follows_too(city: City) -> None:
    city.here.hear(*await there(city, *range(2, 30)))
    assert city.here.cache.bytes == city.there.cache.bytes


@given(st.lists(st.integers(0, 9), max_size=40))
def test_in_whatever_order_events_come_the_state_is_one_that_the_stream_had(heard: list[int]) -> None:
    async def run() -> None:
        city = await City().open()
        states = {}
        await city.there.accounts.state(ACCOUNT)
        for number in range(2, 10):
            await there(city, number)
            states[len(city.stream) - 1] = city.there.kept
        before = city.here.kept
        city.here.hear(*(city.stream[n] for n in heard if n < len(city.stream)))
        assert city.here.kept in (before, *states.values())

    asyncio.run(run())


class Ledger:
    """A front that notes what it is given."""

    def __init__(self) -> None:
        self.given: list[Recorded | str | None] = []

    def forget(self, stream: str) -> None:
        self.given.append(stream)

    def forget_all(self) -> None:
        self.given.append(None)

    def follow(self, recorded: Recorded) -> None:
        self.given.append(recorded)


@pytest.fixture
def ended() -> Iterator[threading.Event]:
    stop = threading.Event()
    yield stop
    stop.set()


async def test_a_relay_hands_all_over_in_order_and_bounds_what_waits(
    city: City, ended: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "_MOST", 5)
    monkeypatch.setattr(relay, "_AT_A_STRETCH", 2)
    (event, *_) = city.stream
    said: list[Recorded | str | None] = [event, "account-a", None, event] * 50
    ledger = Ledger()
    relayed = Relay(ledger, ended)

    def tell() -> None:
        for each in said:
            if isinstance(each, Recorded):
                relayed.follow(each)
            else:
                relayed.forget(each)

    thread = threading.Thread(target=tell)
    thread.start()
    thread.join(0.2)  # the loop hears nothing meanwhile
    assert thread.is_alive(), "more waits than may"
    await until(lambda: len(ledger.given) == len(said))
    thread.join()
    assert ledger.given == said


async def test_a_thread_that_waits_for_the_loop_ends_when_it_is_to_stop(
    ended: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "_MOST", 1)
    relayed = Relay(Ledger(), ended)
    relayed.forget(None)
    thread = threading.Thread(target=relayed.forget, args=(None,))
    thread.start()
    thread.join(0.1)
    assert thread.is_alive()
    ended.set()
    thread.join(10)
    assert not thread.is_alive()


async def test_what_fails_about_one_stream_is_not_kept_from_the_others(ended: threading.Event) -> None:
    class Failing(Ledger):
        def forget(self, stream: str) -> None:
            if stream == "account-bad":
                raise OverflowError
            super().forget(stream)

    failures = list[object]()
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context["exception"]))
    ledger = Failing()
    relayed = Relay(ledger, ended)
    for name in ("account-bad", "account-a", "account-b"):
        relayed.forget(name)
    await until(lambda: len(ledger.given) == 2)
    assert ledger.given == ["account-a", "account-b"]
    assert [type(each) for each in failures] == [OverflowError]
