"""Transfers while the processes that carry them on are killed or stopped: each ends once, and no money is lost.

No Redis runs here: the log is all that they need.
"""

import asyncio
import random
from pathlib import Path
from typing import Final, NamedTuple
from uuid import UUID, uuid4

import pytest

from commands.accounts import Accounts
from commands.handler import TooContended
from commands.transfers import Order, Transfers
from domain.accounts import AccountCommand, CreateAccount, FreezeAccount
from domain.identifiers import AccountId
from domain.money import Amount
from domain.transfers import TRANSFERS
from eventstore.esdb import EsdbStore
from eventstore.store import StoreUnavailable
from reactors import checkpoint, messages
from reactors.holder import newest
from tests.kit.accounts import DAY, deposit
from tests.kit.contexts import context_for, context_of
from tests.kit.money import money_in
from tests.kit.node import Node
from tests.kit.parts import Part
from tests.kit.proxy import Proxy, proxy_to
from tests.kit.reactors import reactor, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

COMPLETED: Final = ("MoneySent", "TransferDebited", "MoneyReceived", "TransferCredited")
REFUNDED: Final = (
    "MoneySent",
    "TransferDebited",
    "TransferDeclined",
    "CreditDeclined",
    "MoneyReturned",
    "TransferRefunded",
)
RING: Final = [AccountId(f"acc-{number}") for number in range(10)]
MANY: Final = 1_000
SOME: Final = 300
CLIENTS: Final = 32


class Bank(NamedTuple):
    store: EsdbStore
    accounts: Accounts
    transfers: Transfers

    async def give(self, command: AccountCommand) -> None:
        await self.accounts.handle(command, context_of(command))

    async def request(self, payer: AccountId, payee: AccountId, amount: int) -> UUID:
        """As a client that asks again until it has an answer."""
        order = Order(from_account=payer, to_account=payee, amount=Amount(amount, 2), booked_on=DAY)
        key = uuid4()
        while True:
            try:
                return (await self.transfers.request(order, context_for(key))).transfer_id
            except (StoreUnavailable, TooContended):
                await asyncio.sleep(0.1)

    async def steps(self, transfer_id: UUID) -> list[str]:
        records = await self.store.read_stream(TRANSFERS.stream(str(transfer_id)))
        return [each.type for each in records]


def bank(node: Node) -> Bank:
    store = EsdbStore(node.uri)
    accounts = Accounts(store)
    return Bank(store, accounts, Transfers(store, accounts))


# Killed at every step.


class Trap:
    """Kills the process when it appends an event of this type: before it is written, or before it is answered."""

    def __init__(self, type_: str, *, is_written: bool) -> None:
        self._type = b"type\x12%c%b" % (
            len(type_),
            type_.encode(),
        )  # in the metadata of an event, and in no filter
        self._is_written = is_written
        self.proxy: Proxy | None = None
        self.process: Part | None = None
        self.is_sprung = False

    def look(self, request: bytes) -> bytes:
        if self._type not in request or self.is_sprung:
            return b"" if self.is_sprung else request
        assert self.proxy
        assert self.process
        self.is_sprung = True
        self.proxy.swallow_replies = True
        if self._is_written:
            return request
        self.process.kill()
        return b""


@pytest.mark.timeout(240)
@pytest.mark.parametrize("is_written", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("steps", [COMPLETED, REFUNDED], ids=["completed", "refunded"])
async def test_a_reactor_killed_at_any_step_leaves_a_transfer_that_ends_once(
    own_node: Node, tmp_path: Path, steps: tuple[str, ...], is_written: bool
) -> None:
    """The checkpoint is one of them: then the transfer has ended, and the reactor does not know it any more."""
    client = bank(own_node)
    await client.give(deposit(1, 100_000, account="a"))
    await client.give(CreateAccount(account_id=AccountId("b"), command_id=uuid4(), currency="CZK"))
    if steps is REFUNDED:
        await client.give(FreezeAccount(account_id=AccountId("b"), command_id=uuid4()))
    for step in (*steps, checkpoint.EVENT):
        transfer_id = await client.request(AccountId("a"), AccountId("b"), 100)
        await _kill_at(step, own_node, tmp_path / "killed", is_written=is_written)
        with reactor(own_node.uri, tmp_path / "said"):
            await until(lambda transfer_id=transfer_id: _has_ended(client, transfer_id))  # type: ignore[misc]
    found = await money_in(client.store)
    end = "completed" if steps is COMPLETED else "refunded"
    assert found.states == {end: len(steps) + 1}
    assert not any(found.in_flight.values())
    await client.store.close()


async def _kill_at(step: str, node: Node, says: Path, *, is_written: bool) -> None:
    store = EsdbStore(node.uri)
    before, trap = await _newest(store, step), Trap(step, is_written=is_written)

    async def written() -> bool:
        return await _newest(store, step) > before

    async with proxy_to(node.port, alter_requests=trap.look) as trap.proxy:
        with reactor(f"esdb://127.0.0.1:{trap.proxy.port}?Tls=false", says) as trap.process:
            await until(lambda: trap.is_sprung)
            if is_written:
                await until(written)
            trap.process.kill()
    assert await written() is is_written
    await store.close()


async def _newest(store: EsdbStore, type_: str) -> int:
    """The position of the last event of this type."""
    records = await store.read_all(prefixes=["account-", "transfer-", "reactor-"], limit=1_000)
    return next((each.position for each in records if each.type == type_), 0)


async def _has_ended(client: Bank, transfer_id: UUID) -> bool:
    last = (await client.steps(transfer_id))[-1]
    return last in ("TransferCompleted", "TransferRefunded", "TransferRefused")


# Many at once.


@pytest.mark.timeout(300)
async def test_transfers_in_a_ring_all_end_while_one_of_two_reactors_is_killed_again_and_again(
    own_node: Node, tmp_path: Path
) -> None:
    client = await _ring(own_node)
    killing = asyncio.create_task(_kill_again_and_again(own_node, tmp_path))
    await _at_once(client, MANY)
    await until(lambda: _have_ended(client, MANY), seconds=200)
    killing.cancel()
    assert await killing >= 3
    await _check_ring(client, MANY)


@pytest.mark.timeout(240)
async def test_a_process_that_wakes_up_after_another_one_took_over_writes_nothing(
    own_node: Node, tmp_path: Path
) -> None:
    client = await _ring(own_node)
    with reactor(own_node.uri, tmp_path / "one") as one, reactor(own_node.uri, tmp_path / "two") as two:
        requesting = asyncio.create_task(_at_once(client, SOME))
        await until(lambda: _have_ended(client, 20), seconds=60)
        acting, waiting = (one, two) if await _acts(client, one) else (two, one)
        acting.freeze()
        await until(lambda: _acts(client, waiting), seconds=60)
        await requesting
        await until(lambda: _have_ended(client, SOME), seconds=100)
        before = await client.store.read_all(prefixes=["account-", "transfer-"], limit=1)
        acting.thaw()
        await until(lambda: messages.LEASE_LOST in acting.said())
        assert await client.store.read_all(prefixes=["account-", "transfer-"], limit=1) == before
    await _check_ring(client, SOME)


async def _ring(node: Node) -> Bank:
    client = bank(node)
    for number, account_id in enumerate(RING):
        await client.give(deposit(number, 1_000_000, account=account_id))
    return client


async def _have_ended(client: Bank, count: int) -> bool:
    records = await client.store.read_all(prefixes=["transfer-"], limit=5 * MANY)
    return sum(each.type == "TransferCompleted" for each in records) >= count


async def _check_ring(client: Bank, count: int) -> None:
    """At every position of the log."""
    found = await money_in(client.store)
    assert found.states == {"completed": count}
    assert not any(found.in_flight.values())
    assert found.in_accounts == {"CZK": 1_000_000 * len(RING)}
    await client.store.close()


async def _acts(client: Bank, part: Part) -> bool:
    found = await newest(client.store)
    return found.holder is not None and found.holder.pid == part.process.pid


async def _at_once(client: Bank, count: int) -> None:
    """Each account pays the next one. Each client requests another transfer as soon as it has an answer."""
    chance, waiting = random.Random(7), iter(range(count))

    async def work() -> None:
        for number in waiting:
            payer, payee = (RING[each % len(RING)] for each in (number, number + 1))
            await client.request(payer, payee, chance.randrange(1, 5_000))

    await asyncio.gather(*(work() for _ in range(CLIENTS)))


async def _kill_again_and_again(node: Node, tmp_path: Path) -> int:
    """One of two processes every second, and start it again, until cancelled. Returns how many were killed."""
    chance, kills = random.Random(7), 0
    says = [tmp_path / "one", tmp_path / "two"]
    running = [Part("reactor", each, DAYBOOK_ESDB_URI=node.uri) for each in says]
    try:
        while True:
            await asyncio.sleep(1)
            number = chance.randrange(2)
            running[number].kill()
            running[number] = Part("reactor", says[number], DAYBOOK_ESDB_URI=node.uri)
            kills += 1
    except asyncio.CancelledError:
        return kills
    finally:
        for each in running:
            each.kill()
