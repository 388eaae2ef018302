"""Several clients of one log, each with a memory of its own; after each step they agree with the plain model.

`Clients` is what every set of rules builds on. A set of rules is a class of its own; tests.bank.test_bank puts them
together.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from copy import deepcopy
from itertools import product
from typing import Any, Final, TypeVar
from uuid import UUID, uuid4

import msgspec
from hypothesis.stateful import RuleBasedStateMachine

from commands.accounts import Accounts, Receipt
from commands.context import Context
from commands.deciding import NO_TERMS, Terms, WrongVersion
from domain.accounts import ACCOUNTS, AccountCommand, Unopened
from domain.errors import DomainError
from domain.identifiers import AccountId
from eventstore.store import EventLog, EventStore, OutcomeUnknown, Recorded
from projections.readmodels import balances
from tests.bank import model
from tests.bank.asking import command_of, made_by, time_at
from tests.bank.model import Answer, Ask, Expected
from tests.kit.faults import Unreliable
from tests.kit.memory_redis import MemoryRedis

T = TypeVar("T")
FRONTS: Final = 3
Refused = DomainError | WrongVersion


class Log(msgspec.Struct, frozen=True):
    """Both ports to a log, and what runs a coroutine where the log is used."""

    store: EventStore
    log: EventLog
    run: Callable[[Coroutine[Any, Any, Any]], Any]


class Clients(RuleBasedStateMachine):
    log: Log

    def __init__(self) -> None:
        super().__init__()
        self.model = model.Bank()
        self.prefix = f"b{uuid4().hex}-"
        self.store = Unreliable(self.log.store)
        self.fronts = [Accounts(self.store) for _ in range(FRONTS)]
        self.witness = Accounts(self.log.store)
        self.agrees = True
        self.asked: list[Ask] = []
        self.first: dict[tuple[str, int], Receipt] = {}
        """The receipts of the commands that were booked."""

    def new_id(self) -> int:
        return len(self.asked)

    def ask(self, front: int, *asks: Ask, losses: int = 0, terms: Terms = NO_TERMS) -> None:
        """Commands that a client gives at once, on one account; `losses` replies of the log are lost.

        They are booked and answered as the model says.
        """
        self.asked += asks
        self.agrees = False
        self.store.lose_replies = losses
        expected = self.expect(asks)
        found = self.run(self.give(self.fronts[front], asks, terms))
        self.store.lose_replies = 0
        self.compare(asks, expected, found, is_told_apart=not losses)
        self.agrees = True

    def ask_everywhere(self, ask: Ask) -> None:
        """All clients give the command at the same time: it is booked once, and all get the same answer."""
        self.asked.append(ask)
        self.agrees = False
        expected = self.expect([ask])
        for found in self.run(self._all_at_once(ask)):
            self.compare([ask], expected, found, is_told_apart=False)
        self.agrees = True

    def expect(self, asks: Sequence[Ask]) -> Sequence[Expected]:
        """All of them are booked, or none is."""
        before = deepcopy(self.model.accounts)
        expected = [self.model.give(ask) for ask in asks]
        if any(each.answer is None for each in expected):
            self.model.accounts = before
        return expected

    async def give(
        self, front: Accounts, asks: Sequence[Ask], terms: Terms = NO_TERMS
    ) -> Sequence[Receipt] | Refused:
        commands = [self.command(ask) for ask in asks]
        contexts = [self.context(command.command_id) for command in commands]
        while True:
            try:
                return await front.handle_all(commands, contexts, terms)
            except (DomainError, WrongVersion) as refusal:
                return refusal
            except OutcomeUnknown:
                continue  # as a client does

    async def _all_at_once(self, ask: Ask) -> Sequence[Sequence[Receipt] | Refused]:
        return await asyncio.gather(*(self.give(front, [ask]) for front in self.fronts))

    def compare(
        self,
        asks: Sequence[Ask],
        expected: Sequence[Expected],
        found: Sequence[Receipt] | Refused,
        *,
        is_told_apart: bool = True,
    ) -> None:
        self.run(self._compare_state(self.witness, asks[0].account))
        if isinstance(found, Refused):
            assert type(found).__name__ in {reason for each in expected for reason in each.reasons}, found
            return
        for ask, wanted, receipt in zip(asks, expected, found, strict=True):
            assert wanted.answer is not None, (ask, wanted.reasons, receipt)
            assert answer_of(receipt) == wanted.answer, ask
            # A client whose memory is from before the command takes a repetition for the first time.
            assert receipt.repeated <= wanted.repeated or not is_told_apart, ask
            if len(asks) == 1:  # the others have the position of their common append at first
                self._compare_ids(ask, receipt)

    def _compare_ids(self, ask: Ask, receipt: Receipt) -> None:
        """An answer that is given again is the same answer."""
        assert receipt.entry_id in (None, made_by(ask.id, self.account(ask)))
        told = msgspec.structs.replace(receipt, repeated=False)
        assert told == self.first.setdefault((ask.account, ask.id), told)

    def command(self, ask: Ask) -> AccountCommand:
        return command_of(ask._replace(account=self.account(ask)), self.model.minute)

    def account(self, ask: Ask) -> AccountId:
        """Examples on one node have accounts of their own."""
        return AccountId(self.prefix + ask.account)

    def context(self, command_id: UUID) -> Context:
        return Context(
            command_id=command_id,
            correlation_id=str(command_id),
            causation_id=command_id,
            actor="test",
            at=time_at(self.model.minute),
        )

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        result: T = self.log.run(work)
        return result

    def teardown(self) -> None:
        """In the end every client sees what the model has, and so does the read model."""
        if self.agrees:
            for front, name in product([*self.fronts, Accounts(self.log.store)], self.model.accounts):
                self.run(self._compare_state(front, name))
            self.run(self._compare_rows())

    async def _compare_state(self, front: Accounts, name: str) -> None:
        state, own = await front.state(AccountId(self.prefix + name)), self.model.accounts.get(name)
        if isinstance(state, Unopened) or own is None:
            assert (isinstance(state, Unopened), own) == (True, None)
            return
        standing = state.standing
        found = (standing.state, standing.currency, standing.balance, standing.held, standing.available)
        assert found == (own.state, own.currency, own.balance, own.held, own.available)
        holds = {made_by(number, self.prefix + name): hold[0] for number, hold in own.holds.items()}
        assert {hold_id: hold.amount for hold_id, hold in standing.holds.items()} == holds

    async def _compare_rows(self) -> None:
        redis = MemoryRedis()
        redis.fill(self._recorded(), [balances.MODEL])
        for name, own in self.model.accounts.items():
            row = await balances.account(redis.client, self.prefix + name)
            assert row is not None
            found = (row.state, row.currency, row.balance, row.held, row.available, row.revision)
            assert found == (own.state, own.currency, own.balance, own.held, own.available, own.events - 1)
        totals = await balances.totals(redis.client)
        assert totals.accounts == len(self.model.accounts)
        assert totals.events == sum(own.events for own in self.model.accounts.values())
        sums = dict.fromkeys(totals.balances, 0)
        for own in self.model.accounts.values():
            sums[own.currency] = sums.get(own.currency, 0) + own.balance
        assert {code: total for code, total in sums.items() if total} == {
            code: total for code, total in totals.balances.items() if total
        }

    def _recorded(self) -> list[Recorded]:
        reading = self.log.log.read(prefixes=(ACCOUNTS.stream(self.prefix),), after=None)
        return [message for message in reading if isinstance(message, Recorded)]


def answer_of(receipt: Receipt) -> Answer:
    return Answer(receipt.amount, receipt.balance, receipt.available, receipt.revision)
