"""Several processes with the same reactors: one acts, the others stand by and know what it has done."""

import asyncio
from pathlib import Path

import pytest

from eventstore.esdb import EsdbLog, EsdbStore
from eventstore.personal.keys import KeyStore
from reactors.holder import RELEASED, STREAM, TAKEN, newest
from tests.kit.node import Node
from tests.kit.reactors import Log, endings, place_holds, reacting, until
from tests.reactors.test_runner import PAST, letters, open_accounts

pytestmark = pytest.mark.asyncio(loop_scope="session")

QUIET = 2.0
"""Seconds, after which a process that stands by would have taken the lease."""


def lines(file: Path) -> list[str]:
    return sorted(file.read_text().split()) if file.exists() else []


@pytest.mark.slow  # it waits
async def test_what_leaves_no_event_is_done_by_one_of_them_and_not_again_by_the_next(
    log: Log, tmp_path: Path
) -> None:
    """That a letter was written is in the checkpoint alone."""
    file = tmp_path / "letters"
    first, second = [str(number) for number in range(5)], [str(number) for number in range(5, 9)]
    async with reacting(log, [letters(file)]):
        async with reacting(log, [letters(file)]):
            await open_accounts(log, *first)
            await until(lambda: lines(file) == first)
            await asyncio.sleep(QUIET)
        await open_accounts(log, *second)
        await until(lambda: len(lines(file)) >= 9)
        await asyncio.sleep(QUIET)
    assert lines(file) == first + second


async def test_one_that_stands_by_takes_over_when_the_other_one_ends(log: Log) -> None:
    async with reacting(log):
        async with reacting(log):
            await place_holds(log.store, "a", [PAST] * 3)
            await until(lambda: ended(log, "a", 3))
        await place_holds(log.store, "b", [PAST] * 3)
        await until(lambda: ended(log, "b", 3))
    assert (await newest(log.store)).type == RELEASED


@pytest.mark.slow  # it waits
async def test_one_task_that_is_stuck_keeps_no_process_from_the_others(log: Log, tmp_path: Path) -> None:
    """Each process tries it once a minute, and has the lease meanwhile."""
    file = tmp_path / "letters"
    spoiled = letters(file, spoiled="b")
    async with reacting(log, [spoiled]), reacting(log, [spoiled]):
        await open_accounts(log, "a", "b", "c")
        await until(lambda: lines(file) == ["a", "c"])
        await asyncio.sleep(QUIET)
        await open_accounts(log, "d")
        await until(lambda: "d" in lines(file))


async def test_a_log_in_which_nothing_happens_does_not_grow(own_node: Node, keys: KeyStore) -> None:
    store = EsdbStore(own_node.uri)
    log = Log(store, lambda: EsdbLog(own_node.uri), keys)
    async with reacting(log), reacting(log):
        await place_holds(store, "a", [PAST] * 3)
        await until(lambda: ended(log, "a", 3))
        await until(lambda: is_quiet(store))
        assert (await newest(store)).type != RELEASED
    taken = [event for event in await store.read_stream(STREAM) if event.type == TAKEN]
    assert len(taken) <= 1
    await store.close()


async def is_quiet(store: EsdbStore) -> bool:
    before = await store.head()
    await asyncio.sleep(QUIET)
    return await store.head() == before


async def ended(log: Log, account: str, count: int) -> bool:
    return (await endings(log.store, [account])).total() >= count
