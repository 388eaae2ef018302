"""Transfers between the bank's accounts, carried on by process managers that may be killed between any two appends."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4, uuid5

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from commands.deciding import NO_TERMS, Terms, WrongVersion
from commands.transfers import Order, TransferReceipt
from commands.transfers import Transfers as Front
from domain.accounts import ACCOUNTS
from domain.errors import DomainError
from domain.money import Amount
from domain.transfers import TRANSFERS, Existing
from eventstore.store import OutcomeUnknown, Recorded
from projections.readmodels import balances, transfers
from tests.bank.asking import time_at
from tests.bank.carrying import ALL, carried_on
from tests.bank.machine import Refused
from tests.bank.model import LIMIT, Ask
from tests.bank.payments import Payments, Slip
from tests.bank.rules import Lives, amounts, fronts, losses, near
from tests.kit.contexts import context_for
from tests.kit.memory_redis import MemoryRedis
from tests.kit.money import money

writes: Final = st.integers(0, 6)
"""After so many appends a process manager is killed; a transfer takes four or six."""
pairs: Final = st.sampled_from(
    [*2 * [("a", "b"), ("b", "a")], ("a", "c"), ("c", "a"), ("a", "e"), ("a", "a")]
)
"""The account that pays, and the one that is paid. The account "e" is in another currency."""


class Transfers(Lives):
    def __init__(self) -> None:
        super().__init__()
        self.payments = Payments(self.model)
        self.desks = [Front(self.store, front) for front in self.fronts]
        self.commands = uuid4()
        self.numbers = 0
        self.ids: dict[int, UUID] = {}
        """Of the transfers, by the number of the command."""

    @initialize()
    def begin_with_another_currency(self) -> None:
        self.ask(0, Ask("create", "e", self.new_id(), currency="EUR"))

    @rule(front=fronts, ends=pairs, amount=amounts, writes=writes, is_late=st.booleans(), losses=losses)
    def transfer(
        self, front: int, ends: tuple[str, str], amount: int, writes: int, is_late: bool, losses: int
    ) -> None:
        """The process manager that carries it on is killed at some time, or comes to the end."""
        number = self.request(front, Slip(*ends, amount), losses)
        if number in self.payments.slips:
            self.carry_on(number, writes, is_late=is_late)

    @rule(front=fronts, ends=pairs, by=near)
    def transfer_nearly_all(self, front: int, ends: tuple[str, str], by: int | None) -> None:
        amount = min(max(self.available(ends[0]) + (by or 0), 1), LIMIT - 1)
        self.request(front, Slip(*ends, amount), 0)

    @rule(front=fronts, ends=pairs, ahead=st.sampled_from([0, 0, 0, 1]), is_changed=st.booleans())
    def transfer_at_a_revision(self, front: int, ends: tuple[str, str], ahead: int, is_changed: bool) -> None:
        """Of the account that pays; it may have another one when it is asked."""
        payer = self.model.accounts.get(ends[0])
        only_at = (payer.events - 1 if payer else -1) + ahead
        number = self.request(front, Slip(*ends, 1, only_at=only_at), 0)
        if is_changed:
            self.ask(front, Ask("deposit", ends[0], self.new_id(), 1))
        if number in self.payments.slips:
            self.finish(number)

    @rule(front=fronts, losses=losses, data=st.data())
    @precondition(lambda self: self.payments.slips)
    def request_again(self, front: int, losses: int, data: st.DataObject) -> None:
        number = self.a_transfer(data)
        slip = self.payments.slips[number]
        if slip.reverses is None:
            self.request(front, slip, losses, number)
        else:
            self.undo(front, slip.reverses, losses, number)

    @rule(front=fronts, losses=losses, data=st.data())
    @precondition(lambda self: self.payments.slips)
    def reverse_transfer(self, front: int, losses: int, data: st.DataObject) -> None:
        self.undo(front, self.a_transfer(data), losses)

    @rule(data=st.data(), writes=writes, is_late=st.booleans())
    @precondition(lambda self: self.payments.slips)
    def carry_on_until_killed(self, data: st.DataObject, writes: int, is_late: bool) -> None:
        number = self.a_transfer(data)
        self.carry_on(number, writes, is_late=is_late)

    @rule(data=st.data())
    @precondition(lambda self: self.payments.slips)
    def carry_on_to_the_end(self, data: st.DataObject) -> None:
        self.finish(self.a_transfer(data))

    @rule(front=fronts, writes=writes, is_closed=st.booleans())
    def send_to_a_frozen_account(self, front: int, writes: int, is_closed: bool) -> None:
        """The money comes back, also if the account that sent it was closed in the meantime."""
        self.ask(front, Ask("freeze", "b", self.new_id()))
        number = self.request(front, Slip("a", "b", min(max(self.available("a"), 1), LIMIT - 1)), 0)
        if number in self.payments.slips:
            self.carry_on(number, writes, is_late=False)
            if is_closed:
                self.ask(front, Ask("close", "a", self.new_id()))
            self.finish(number)
        self.ask(front, Ask("unfreeze", "b", self.new_id()))
        self.ask(front, Ask("unfreeze", "a", self.new_id()))

    @rule(front=fronts, amount=st.integers(1, 100))
    def transfer_there_and_back(self, front: int, amount: int) -> None:
        """A reversal that arrived is reversed in its turn."""
        first = self.request(front, Slip("b", "a", amount), 0)
        for _ in range(2):
            if first not in self.payments.slips:
                return
            self.finish(first)
            first = self.undo(front, first, 0)

    def request(self, front: int, slip: Slip, losses: int, number: int | None = None) -> int:
        """The number of the command."""
        number = self.new_number() if number is None else number
        account_ids = [self.account(Ask("close", name, 0)) for name in (slip.payer, slip.payee)]
        order = Order(
            from_account=account_ids[0],
            to_account=account_ids[1],
            amount=Amount(slip.amount, 2),
            booked_on=self.now().date(),
        )
        terms = NO_TERMS if slip.only_at is None else Terms(only_at={slip.only_at})
        key = context_for(uuid5(self.commands, str(number)))
        self.told(
            number,
            self.payments.request(number, slip),
            lambda: self.desks[front].request(order, key, terms),
            losses,
        )
        return number

    def undo(self, front: int, of: int, losses: int, number: int | None = None) -> int:
        """As `request`."""
        number = self.new_number() if number is None else number
        today, key = self.now().date(), context_for(uuid5(self.commands, str(number)))
        self.told(
            number,
            self.payments.reverse(number, of),
            lambda: self.desks[front].reverse(self.ids[of], today, key),
            losses,
        )
        return number

    def told(
        self,
        number: int,
        reasons: frozenset[str],
        asked: Callable[[], Awaitable[TransferReceipt]],
        losses: int,
    ) -> None:
        self.agrees = False
        self.store.lose_replies = losses
        found = self.run(_surely(asked))
        self.store.lose_replies = 0
        if isinstance(found, Refused):
            assert type(found).__name__ in reasons, found
        else:
            assert not reasons, reasons
            assert found.transfer_id == self.ids.setdefault(number, found.transfer_id)
            self.compare_slip(number)
        self.agrees = True

    def carry_on(self, number: int, writes: int, *, is_late: bool) -> None:
        self.agrees = False
        self.payments.carry_on(number, writes)
        self.run(self._carried_on(number, writes, is_late=is_late))
        self.compare_slip(number)

    def finish(self, number: int) -> None:
        """By two process managers at the same time."""
        self.agrees = False
        self.payments.carry_on(number)
        self.run(self._twice(number))
        self.compare_slip(number)

    async def _twice(self, number: int) -> None:
        await asyncio.gather(*(self._carried_on(number, ALL) for _ in range(2)))

    async def _carried_on(self, number: int, writes: int, *, is_late: bool = False) -> None:
        await carried_on(self.log.store, self.ids[number], self.now, writes, is_late=is_late)

    def now(self) -> datetime:
        return time_at(self.model.minute)

    def compare_slip(self, number: int) -> None:
        slip = self.payments.slips[number]
        transfer = self.run(Front(self.log.store, self.witness).state(self.ids[number]))
        assert isinstance(transfer, Existing)
        assert (transfer.standing.state, transfer.standing.reason) == (slip.state, slip.reason)
        for name in (slip.payer, slip.payee):
            self.run(self._compare_state(self.witness, name))
        self.agrees = True

    def new_number(self) -> int:
        self.numbers += 1
        return self.numbers

    def a_transfer(self, data: st.DataObject) -> int:
        """Mostly a recent one."""
        all_of_them = list(self.payments.slips)
        return data.draw(st.sampled_from(all_of_them[-4:]) | st.sampled_from(all_of_them), "transfer")

    def teardown(self) -> None:
        """In the end all have ended; at every position of the log the money was there, on accounts or on its way."""
        if self.agrees:
            for number in self.payments.slips:
                self.finish(number)
            self.run(self._compare_transfers())
        super().teardown()

    async def _compare_transfers(self) -> None:
        records = self._everything()
        found = money(records)
        assert +found.in_flight == self.payments.in_flight
        on_accounts: Counter[str] = Counter()
        for own in self.model.accounts.values():
            on_accounts[own.currency] += own.balance
        for currency, paid_in in found.paid_in.items():
            assert on_accounts[currency] + self.payments.in_flight[currency] == paid_in
        redis = MemoryRedis()
        redis.fill(records, [balances.MODEL, transfers.MODEL])
        totals = await balances.totals(redis.client)
        assert +Counter(totals.in_flight) == self.payments.in_flight
        for number, slip in self.payments.slips.items():
            row = await transfers.transfer(redis.client, self.ids[number])
            assert row is not None
            assert row.state == ("debited" if slip.state == "declined" else slip.state)
            assert row.reason == slip.reason

    def _everything(self) -> list[Recorded]:
        """What this example wrote on accounts and transfers; on a node others have written too."""
        own = {TRANSFERS.stream(str(each)) for each in self.ids.values()}
        prefixes = (ACCOUNTS.stream(self.prefix), TRANSFERS.stream(""))
        reading = self.log.log.read(prefixes=prefixes, after=None)
        records = [each for each in reading if isinstance(each, Recorded)]
        return [each for each in records if each.stream in own or each.stream.startswith(prefixes[0])]


async def _surely(
    asked: Callable[[], Awaitable[TransferReceipt]],
) -> TransferReceipt | DomainError | WrongVersion:
    while True:
        try:
            return await asked()
        except (DomainError, WrongVersion) as refusal:
            return refusal
        except OutcomeUnknown:
            continue
