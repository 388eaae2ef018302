"""Random histories of transfers, carried on by two process managers that are interrupted at every append.

Each append of a process manager waits twice, before it is written and before its answer is read. At each of these
places the other one may go on, a client may change an account, or the process may end.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, Literal, NamedTuple, assert_never
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commands import handler
from commands.accounts import Accounts
from commands.deciding import NO_TERMS, Terms, WrongVersion
from commands.transfers import Order, Transfers
from commands.users import Users
from domain.accounts import AccountCommand, CloseAccount, CreateAccount, FreezeAccount, UnfreezeAccount
from domain.errors import DomainError
from domain.identifiers import AccountId
from domain.money import Amount
from domain.transfers import TRANSFERS, UNDER_WAY
from eventstore.codec import encode_data
from eventstore.memory import MemoryStore, Records
from eventstore.personal.keys import KeyStore
from eventstore.store import NO_STREAM, Appended, NewEvent
from eventstore.streams import readable
from reactors.reactor import Tools
from reactors.transfers import carry_on
from tests.kit.accounts import DAY, deposit, withdraw
from tests.kit.contexts import NOW, context_for, context_of
from tests.kit.money import Money, money
from tests.kit.transfers import requested

MANAGERS: Final = 2
LONGEST_STEP: Final = 100
"""Turns of the loop between two appends; far fewer are needed."""
LIVES: Final[Mapping[str, type[FreezeAccount | UnfreezeAccount | CloseAccount]]] = {
    "freeze": FreezeAccount,
    "unfreeze": UnfreezeAccount,
    "close": CloseAccount,
}
Kind = Literal[
    "transfer", "foreign", "reverse", "freeze", "unfreeze", "close", "deposit", "withdraw", "step", "crash"
]  # fmt: skip


class Act(NamedTuple):
    """`account` and `other` are numbers of accounts, `which` one of a process manager or of a transfer."""

    kind: Kind
    account: int = 0
    other: int = 0
    amount: int = 0
    which: int = 0
    manager: int = 0


class Interrupted(MemoryStore):
    """Each append waits until `go`, before it is written and again before it is answered."""

    def __init__(self, records: Records) -> None:
        super().__init__(records)
        self.waiting: dict[asyncio.Task[Any], asyncio.Future[None]] = {}

    async def append(self, stream: str, events: Sequence[NewEvent], *, expected: int) -> Appended:
        await self._wait()
        appended = await super().append(stream, events, expected=expected)
        await self._wait()
        return appended

    async def _wait(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.waiting[task] = asyncio.get_running_loop().create_future()
        await self.waiting[task]


class Manager:
    """A process with the process manager, which is at work on several transfers."""

    def __init__(self, records: Records, keys: KeyStore) -> None:
        self._store = Interrupted(records)
        front = Accounts(self._store)
        self._tools = Tools(
            store=self._store,
            accounts=front,
            users=Users(self._store, keys),
            transfers=Transfers(self._store, front),
            now=lambda: NOW,
        )
        self._tasks: dict[str, asyncio.Task[bool]] = {}

    async def step(self, stream: str) -> None:
        """Until it waits for the log, or for another task of this process, or is done with this transfer.

        A request that had to wait for another one is appended by a task of the handler, which is what goes on then.
        """
        task = self._tasks.get(stream)
        if task is None:
            (request,) = await self._store.read_stream(stream, limit=1)
            task = self._tasks[stream] = asyncio.create_task(carry_on(readable(request), self._tools))
        else:
            for each in [task] if task in self._store.waiting else self._shared():
                self._store.waiting.pop(each).set_result(None)
        for _ in range(LONGEST_STEP):
            if task in self._store.waiting or task.done() or self._shared():
                break
            await asyncio.sleep(0)
        if task.done():
            del self._tasks[stream]
            assert await task

    async def end(self, stream: str) -> None:
        await self.step(stream)
        while stream in self._tasks:
            for each in list(self._tasks):
                await self.step(each)

    def _shared(self) -> list[asyncio.Task[Any]]:
        """The handler's tasks that wait for the log."""
        return [each for each in self._store.waiting if each not in self._tasks.values()]

    async def crash(self) -> None:
        tasks = {*self._tasks.values(), *self._shared()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class World:
    """Accounts 0 to 2 exist; 3 is opened by the first deposit to it; 2 is in another currency."""

    def __init__(self, keys: KeyStore) -> None:
        self.records, self._keys = Records(), keys
        self._store = MemoryStore(self.records)
        self._accounts = Accounts(self._store)
        self._transfers = Transfers(self._store, self._accounts)
        self._managers = [Manager(self.records, keys) for _ in range(MANAGERS)]
        self._streams: list[str] = []

    async def play(self, acts: Sequence[Act]) -> Money:
        for number, currency in enumerate(("CZK", "CZK", "EUR")):
            await self._give(
                CreateAccount(account_id=an_account(number), command_id=uuid4(), currency=currency)
            )
        await self._give(deposit(1, 100, account=an_account(0)))
        for number, act in enumerate(acts, 2):
            await self._act(act, number)
        for manager in self._managers:
            for stream in self._streams:
                await manager.end(stream)
        return money(self.records.all)

    async def _act(self, act: Act, number: int) -> None:
        account_id, command_id = an_account(act.account), uuid4()
        match act.kind:
            case "transfer":
                await self._request(act, command_id)
            case "foreign":
                await self._written_by_another_program(act, command_id)
            case "reverse":
                await self._reverse(act, command_id)
            case "freeze" | "unfreeze" | "close":
                await self._give(LIVES[act.kind](account_id=account_id, command_id=command_id))
            case "deposit":
                await self._give(deposit(number, act.amount, account=account_id, currency=None))
            case "withdraw":
                await self._give(withdraw(number, act.amount, account=account_id, currency=None))
            case "step":
                if self._streams:
                    await self._managers[act.manager].step(self._streams[act.which % len(self._streams)])
            case "crash":
                await self._managers[act.manager].crash()
                self._managers[act.manager] = Manager(self.records, self._keys)
            case _:
                assert_never(act.kind)

    async def _give(self, command: AccountCommand) -> None:
        with suppress(DomainError):
            await self._accounts.handle(command, context_of(command))

    async def _request(self, act: Act, command_id: UUID) -> None:
        """Some only at the revision that the paying account has now."""
        order = Order(
            from_account=an_account(act.account),
            to_account=an_account(act.other),
            amount=Amount(act.amount, 2),
            booked_on=DAY,
        )
        terms = NO_TERMS
        if act.which == 0:
            terms = Terms(only_at={(await self._accounts.loaded(order.from_account)).revision})
        with suppress(DomainError, WrongVersion):
            made = await self._transfers.request(order, context_for(command_id), terms)
            self._streams.append(TRANSFERS.stream(str(made.transfer_id)))

    async def _reverse(self, act: Act, command_id: UUID) -> None:
        if self._streams:
            stream = self._streams[act.which % len(self._streams)]
            first = UUID(stream.removeprefix(TRANSFERS.stream("")))
            with suppress(DomainError):
                made = await self._transfers.reverse(first, DAY, context_for(command_id))
                self._streams.append(TRANSFERS.stream(str(made.transfer_id)))

    async def _written_by_another_program(self, act: Act, command_id: UUID) -> None:
        if act.account == act.other:
            return
        event = requested(
            transfer=command_id,
            from_account=an_account(act.account),
            to_account=an_account(act.other),
            amount=Amount(act.amount, 2),
        )
        stream = TRANSFERS.stream(str(command_id))
        new = NewEvent(uuid4(), *encode_data(event), b"{}")
        await self._store.append(stream, [new], expected=NO_STREAM)
        self._streams.append(stream)


def an_account(number: int) -> AccountId:
    return AccountId(f"acc-{number}")


others: Final = st.sampled_from([0, 0, 0, 1, 1, 2, 3])
numbers: Final = st.integers(0, 5)
steps: Final = st.builds(Act, st.just("step"), which=numbers, manager=st.integers(0, MANAGERS - 1))
moves: Final = st.builds(
    Act,
    st.sampled_from(["transfer", "transfer", "foreign"]),
    others,
    others,
    st.sampled_from([1, 60, 100]),
    numbers,
)
changes: Final = st.builds(
    Act,
    st.sampled_from(["reverse", "freeze", "unfreeze", "close", "deposit", "withdraw"]),
    others,
    amount=st.sampled_from([40, 60, 100]),
    which=numbers,
)
crashes: Final = st.builds(Act, st.just("crash"), manager=st.integers(0, MANAGERS - 1))
acts: Final = st.lists(st.one_of(steps, steps, steps, steps, moves, changes, changes, crashes), max_size=60)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handler, "_LONGEST_PAUSE", 0.0)


@pytest.mark.parametrize("histories", [25, pytest.param(400, marks=pytest.mark.slow)])
def test_every_transfer_ends_and_no_money_is_lost_or_doubled(histories: int, keys: KeyStore) -> None:
    @given(first=moves, then=acts)
    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=histories)
    def play(first: Act, then: Sequence[Act]) -> None:
        found = asyncio.run(World(keys).play([first, *then]))
        assert not [state for state in found.states if state in UNDER_WAY]
        assert not any(found.in_flight.values())

    play()
