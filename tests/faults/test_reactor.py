"""The reactors' processes while they are killed or stopped, and several at a time: each hold ends once."""

import asyncio
import os
import random
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.messages.running import REACTOR_IS_UP
from commands.accounts import Receipt
from domain.accounts import HoldExpired
from eventstore.esdb import EsdbStore
from reactors import checkpoint, messages
from reactors.holder import newest
from reactors.holds import HOLDS
from reactors.status import status
from tests.kit.node import PROJECT, Node
from tests.kit.parts import Part
from tests.kit.reactors import YESTERDAY, endings, events_on, place_holds, reactor, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

ROUNDS = 10
ACCOUNTS = [f"acc-{number}" for number in range(10)]


async def _expired(store: EsdbStore, accounts: list[str] = ACCOUNTS) -> int:
    events = [event for account in accounts for event in await events_on(store, account)]
    return sum(isinstance(event, HoldExpired) for event in events)


@pytest.mark.timeout(240)
async def test_a_reactor_killed_again_and_again_ends_each_hold_once(own_node: Node, tmp_path: Path) -> None:
    """Holds become due all the time, so nearly every kill is between an append and the checkpoint after it."""
    chance, store = random.Random(7), EsdbStore(own_node.uri)
    start = datetime.now(UTC)
    placed = []
    for account in ACCOUNTS:
        expiries = [start + timedelta(seconds=chance.uniform(-3_600, 15)) for _ in range(200)]
        placed += await place_holds(store, account, expiries)
    reached = []
    for _ in range(ROUNDS):
        with reactor(own_node.uri, tmp_path / "said") as running:
            before = await _expired(store)
            await until(lambda before=before: _more(store, before))  # type: ignore[misc]
            running.kill()
        reached.append(await _expired(store))
    with reactor(own_node.uri, tmp_path / "said"):
        await until(lambda: _more(store, len(placed) - 1), seconds=60)
    assert await endings(store, ACCOUNTS) == Counter(hold.hold_id for hold in placed)
    assert reached == sorted(set(reached)), "every round got on"
    await store.close()


async def _more(store: EsdbStore, than: int, accounts: list[str] = ACCOUNTS) -> bool:
    return await _expired(store, accounts) > than


async def test_two_processes_end_each_hold_once_and_the_log_bounds_their_checkpoints(
    own_node: Node, tmp_path: Path
) -> None:
    store = EsdbStore(own_node.uri)
    with reactor(own_node.uri, tmp_path / "one") as one, reactor(own_node.uri, tmp_path / "two") as two:
        await until(lambda: REACTOR_IS_UP in one.said() and REACTOR_IS_UP in two.said())
        soon = datetime.now(UTC) + timedelta(seconds=3)
        placed = [
            hold
            for account in ACCOUNTS
            for hold in await place_holds(store, account, [soon] * 50, at=YESTERDAY)
        ]
        await until(lambda: _more(store, len(placed) - 1))
        assert [one.stop(), two.stop()] == [0, 0]
    assert await endings(store, ACCOUNTS) == Counter(hold.hold_id for hold in placed)
    assert len(await store.read_stream(checkpoint.stream_of("holds"))) <= checkpoint.KEPT
    await store.close()


@pytest.mark.timeout(240)
async def test_when_the_one_that_acts_is_killed_the_one_that_stands_by_takes_over(
    own_node: Node, tmp_path: Path
) -> None:
    store = EsdbStore(own_node.uri)
    placed = await _place_for(store, seconds=8)
    with reactor(own_node.uri, tmp_path / "one") as one, reactor(own_node.uri, tmp_path / "two") as two:
        acting, waiting = await _in_their_parts(store, one, two)
        acting.kill()
        await until(lambda: _acts(store, waiting))
        await until(lambda: _more(store, len(placed) - 1), seconds=60)
        assert waiting.stop() == 0
    assert await endings(store, ACCOUNTS) == Counter(hold.hold_id for hold in placed)
    await store.close()


@pytest.mark.timeout(240)
async def test_one_that_wakes_up_writes_nothing_and_stands_by(own_node: Node, tmp_path: Path) -> None:
    store = EsdbStore(own_node.uri)
    placed = await _place_for(store, seconds=8)
    with reactor(own_node.uri, tmp_path / "one") as one, reactor(own_node.uri, tmp_path / "two") as two:
        acting, waiting = await _in_their_parts(store, one, two)
        acting.freeze()
        await until(lambda: _acts(store, waiting))
        await until(lambda: _more(store, len(placed) - 1), seconds=60)
        before = await store.read_all(prefixes=["account-"], limit=1)
        acting.thaw()
        await until(lambda: messages.LEASE_LOST in acting.said())
        assert await store.read_all(prefixes=["account-"], limit=1) == before
        waiting.kill()
        placed += await place_holds(store, "later", [datetime.now(UTC)])
        await until(lambda: _more(store, 0, ["later"]))
        assert await _acts(store, acting)
    assert await endings(store, [*ACCOUNTS, "later"]) == Counter(hold.hold_id for hold in placed)
    await store.close()


async def _place_for(store: EsdbStore, seconds: float) -> list[Receipt]:
    """Holds of which some become due in each moment from now on, for so long."""
    chance, start = random.Random(7), datetime.now(UTC)
    placed = []
    for account in ACCOUNTS:
        expiries = [start + timedelta(seconds=chance.uniform(-60, seconds)) for _ in range(100)]
        placed += await place_holds(store, account, expiries)
    return placed


async def _in_their_parts(store: EsdbStore, one: Part, two: Part) -> tuple[Part, Part]:
    """The process that acts, and the one that stands by, once both are up and holds end."""
    before = await _expired(store)
    await until(lambda: REACTOR_IS_UP in one.said() and REACTOR_IS_UP in two.said())
    await until(lambda: _more(store, before))
    return (one, two) if await _acts(store, one) else (two, one)


async def _acts(store: EsdbStore, part: Part) -> bool:
    found = await newest(store)
    return found.holder is not None and found.holder.pid == part.process.pid


async def test_a_reactor_goes_on_after_the_log_was_killed(own_node: Node, tmp_path: Path) -> None:
    store = EsdbStore(own_node.uri)
    with reactor(own_node.uri, tmp_path / "said") as running:
        await until(lambda: REACTOR_IS_UP in running.said())
        later = datetime.now(UTC) + timedelta(seconds=4)
        placed = await place_holds(store, "a", [later] * 10)
        own_node.kill()
        own_node.start()
        await until(lambda: _gone_through(store, len(placed)), seconds=30)
        assert running.process.poll() is None
    assert await endings(store, ["a"]) == Counter(hold.hold_id for hold in placed)
    await store.close()


async def _gone_through(store: EsdbStore, count: int) -> bool:
    return await _expired(store, ["a"]) == count


async def test_a_reactor_that_is_stopped_is_seen_in_the_log(own_node: Node, tmp_path: Path) -> None:
    store = EsdbStore(own_node.uri)
    with reactor(own_node.uri, tmp_path / "said"):
        await place_holds(store, "a", [datetime.now(UTC) + timedelta(seconds=30)])
        await until(lambda: _has_checkpoint(store))
    (now,) = await status(store, [HOLDS])
    (later,) = await status(store, [HOLDS], datetime.now(UTC) + timedelta(minutes=5))
    assert (now.state, now.tasks, later.state) == ("ok", 1, "stopped")
    await store.close()


async def test_the_check_says_whether_events_wait_for_a_reactor(own_node: Node, tmp_path: Path) -> None:
    store = EsdbStore(own_node.uri)
    assert await _check(own_node) == 0
    await place_holds(store, "a", [])
    await until(lambda: _fails(own_node))
    with reactor(own_node.uri, tmp_path / "said"):
        await until(lambda: _passes(own_node))
    await store.close()


async def _check(node: Node) -> int:
    environ = {**os.environ, "DAYBOOK_ESDB_URI": node.uri}
    argv = (sys.executable, "-m", "app", "reactor", "--check")
    process = await asyncio.create_subprocess_exec(*argv, cwd=PROJECT, env=environ)
    return await process.wait()


async def _fails(node: Node) -> bool:
    return await _check(node) == 1


async def _passes(node: Node) -> bool:
    return await _check(node) == 0


async def _has_checkpoint(store: EsdbStore) -> bool:
    return (await checkpoint.load(store, "holds")).progress.tasks == 1
