"""Whatever several ledgers are asked in any order over an unreliable log, each command has one effect."""

import asyncio
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from commands.ledger import Ledger, Outcome
from domain.account import AccountCommand, stream_of
from domain.errors import DomainError
from domain.events import AccountCreated, AccountEvent
from eventstore.codec import decode
from eventstore.memory import MemoryStore, Records
from eventstore.store import OutcomeUnknown
from tests.kit.accounts import ACCOUNT, create, deposit, record, withdraw
from tests.kit.contexts import context_of
from tests.kit.faults import Unreliable
from tests.kit.spec import fold

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
    ledgers = [Ledger(store) for _ in range(3)]
    answers: list[Outcome] = []

    async def step(ledger: Ledger, commands: list[AccountCommand], replies: int, requests: int) -> None:
        store.lose_replies, store.lose_requests = replies, requests
        with suppress(DomainError, OutcomeUnknown):
            answers.extend(await ledger.transact_all(commands, [context_of(c) for c in commands]))

    running = [step(ledgers[n], commands, *losses) for n, commands, *losses in steps]
    if at_once:
        await asyncio.gather(*running)
    else:
        for one in running:
            await one
    recorded = await store.read_stream(stream_of(ACCOUNT))
    happened = [decode(each) for each in recorded]
    fold(*happened)
    for answer in answers:
        event = happened[answer.revision]
        assert answer.entry_id == (None if isinstance(event, AccountCreated) else event.entry_id)
        assert answer.balance == _balance_of(event)
        assert answer.position >= recorded[answer.revision].position


def _balance_of(event: AccountEvent) -> int:
    return 0 if isinstance(event, AccountCreated) else event.balance
