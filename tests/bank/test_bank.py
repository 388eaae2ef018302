"""Any history of a whole bank: each command is booked, answered again or refused as the plain model says."""

import asyncio
from collections.abc import Coroutine, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from commands import handler
from eventstore.esdb import EsdbLog, EsdbStore
from eventstore.memory import MemoryLog, MemoryStore, Records
from tests.bank.conditions import Conditions
from tests.bank.machine import Log
from tests.bank.people import People
from tests.bank.rules import Holds, Repetitions
from tests.bank.transfers import Transfers
from tests.kit.node import Node

HOW = settings(
    deadline=None,
    stateful_step_count=50,
    suppress_health_check=[HealthCheck.too_slow],
    report_multiple_bugs=False,
)


class WholeBank(Holds, Transfers, Repetitions, Conditions, People):
    pass


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts follow each other without a pause; other tasks still run in between."""
    monkeypatch.setattr(handler, "_LONGEST_PAUSE", 0.0)


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as made:
        yield made


@pytest.mark.parametrize("banks", [8, pytest.param(60, marks=pytest.mark.slow)])
def test_a_bank_over_a_log_in_memory_does_what_the_plain_model_says(
    runner: asyncio.Runner, banks: int
) -> None:
    class InMemory(WholeBank):
        def __init__(self) -> None:
            records = Records()
            self.log = Log(MemoryStore(records), MemoryLog(records), runner.run)
            super().__init__()

    run_state_machine_as_test(InMemory, settings=settings(HOW, max_examples=banks))


@pytest.mark.slow
@pytest.mark.asyncio(loop_scope="session")
async def test_a_bank_over_a_node_does_what_the_plain_model_says(node: Node) -> None:
    """The machine runs in a thread, and its clients in this loop: only one loop of a process may use the log."""
    loop, store, log = asyncio.get_running_loop(), EsdbStore(node.uri), EsdbLog(node.uri)

    def run(work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result()

    class OnNode(WholeBank):
        def __init__(self) -> None:
            self.log = Log(store, log, run)
            super().__init__()

    how = settings(HOW, max_examples=15)
    try:
        await asyncio.to_thread(run_state_machine_as_test, OnNode, settings=how)
    finally:
        log.close()
        await store.close()
