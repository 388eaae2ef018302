"""Several processes get commands in any order, over an unreliable log: each command has one effect."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commands import handler
from commands.accounts import Accounts, Receipt
from domain.accounts import ACCOUNTS, AccountCommand, AccountCreated, AccountEvent, Entry
from domain.errors import DomainError
from eventstore.memory import MemoryStore, Records
from eventstore.store import OutcomeUnknown
from tests.kit.accounts import ACCOUNT, create, deposit, events_of, record, withdraw
from tests.kit.contexts import context_of
from tests.kit.faults import Unreliable
from tests.kit.spec import fold


@pytest.fixture(autouse=True, scope="module")
def no_pauses() -> Iterator[None]:
    """Attempts follow each other without a pause; other tasks still run in between."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(handler, "_LONGEST_PAUSE", 0.0)
        yield


_numbers = st.integers(0, 8)
_amounts = st.integers(1, 5)
_commands = st.one_of(
    st.builds(create, _numbers),
    st.builds(deposit, _numbers, _amounts),
    st.builds(withdraw, _numbers, _amounts),
    st.builds(record, _numbers, _amounts.map(lambda amount: -amount)),
)
_steps = st.tuples(
    st.integers(0, 2), st.lists(_commands, min_size=1, max_size=3), st.integers(0, 3), st.integers(0, 2)
)


@settings(max_examples=150, deadline=None)
@given(st.lists(_steps, max_size=12), st.booleans())
def test_each_command_has_one_effect_and_every_answer_is_true(
    steps: list[tuple[int, list[AccountCommand], int, int]], at_once: bool
) -> None:
    asyncio.run(_play(steps, at_once=at_once))


async def _play(steps: list[tuple[int, list[AccountCommand], int, int]], *, at_once: bool) -> None:
    store = Unreliable(MemoryStore(Records()))
    fronts = [Accounts(store) for _ in range(3)]
    answers: list[Receipt] = []

    async def step(accounts: Accounts, commands: list[AccountCommand], replies: int, requests: int) -> None:
        store.lose_replies, store.lose_requests = replies, requests
        with suppress(DomainError, OutcomeUnknown):
            answers.extend(await accounts.handle_all(commands, [context_of(c) for c in commands]))

    running = [step(fronts[n], commands, *losses) for n, commands, *losses in steps]
    if at_once:
        await asyncio.gather(*running)
    else:
        for one in running:
            await one
    recorded = await store.read_stream(ACCOUNTS.stream(ACCOUNT))
    happened = events_of(recorded)
    fold(*happened)
    for answer in answers:
        event = happened[answer.revision]
        assert answer.entry_id == (event.entry_id if isinstance(event, Entry) else None)
        assert answer.balance == _balance_of(event)
        assert answer.position is not None
        assert answer.position >= recorded[answer.revision].position


def _balance_of(event: AccountEvent) -> int:
    return 0 if isinstance(event, AccountCreated) else event.balance
