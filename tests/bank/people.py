"""People who hold accounts, which are opened and closed together with what the stream of the person says."""

import asyncio
from collections.abc import Awaitable, Sequence
from functools import cache
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from commands.accounts import Receipt
from commands.holding import Holding
from commands.users import Personal, UserReceipt, Users
from domain.accounts import CloseAccount, CreateAccount
from domain.errors import DomainError
from domain.identifiers import UserId
from domain.users import USERS, Deleted, Unknown
from eventstore.personal.keys import KeyStore
from eventstore.store import OutcomeUnknown, Recorded
from projections.readmodels import people
from tests.bank.machine import FRONTS, Refused
from tests.bank.model import Ask, Expected
from tests.bank.register import Errand, Register, What
from tests.bank.rules import Entries, fronts, losses
from tests.kit.accounts import an_id
from tests.kit.memory_redis import MemoryRedis
from tests.kit.users import fresh_keys

persons: Final = st.sampled_from("uuvvw")
"""The first two exist from the beginning."""
holdings: Final = st.sampled_from("hhijk")
"""Accounts that only these rules open; the first one exists from the beginning."""
FIRST_ID: Final = 1_000_000
"""Ids of these commands begin here, so that no other rule has them."""


class People(Entries):
    def __init__(self) -> None:
        super().__init__()
        self.register = Register()
        self.users = [Users(self.store, keys()) for _ in range(FRONTS)]
        self.holding = [Holding(*each) for each in zip(self.fronts, self.users, strict=True)]
        self.errands: list[Errand] = []

    @initialize()
    def begin_with_people(self) -> None:
        for person in "uv":
            self.send([0], self.errand("create", person=person, text="Anna"), 0)
        self.send([1], self.errand("open", person="u", account="h"), 0)

    @rule(front=fronts, person=persons, name=st.sampled_from(["Anna", "Eva"]), losses=losses)
    def create_person(self, front: int, person: str, name: str, losses: int) -> None:
        self.send([front], self.errand("create", person=person, text=name), losses)

    @rule(front=fronts, person=persons, phone=st.sampled_from(["112", "150"]), losses=losses)
    def change_person(self, front: int, person: str, phone: str, losses: int) -> None:
        self.send([front], self.errand("update", person=person, text=phone), losses)

    @rule(front=fronts, person=persons, losses=losses)
    def delete_person(self, front: int, person: str, losses: int) -> None:
        self.send([front], self.errand("delete", person=person), losses)

    @rule(front=fronts, person=persons, account=holdings, losses=losses)
    def open_for(self, front: int, person: str, account: str, losses: int) -> None:
        self.send([front], self.errand("open", person=person, account=account), losses)

    @rule(front=fronts, account=holdings, losses=losses, is_paid_in=st.booleans())
    def close_for(self, front: int, account: str, losses: int, is_paid_in: bool) -> None:
        """Refused while there is money in the account."""
        if is_paid_in and account in self.register.opened:
            self.ask(front, Ask("deposit", account, self.new_id(), 1))
            self.send([front], self.errand("close", account=account), losses)
            self.ask(front, Ask("withdraw", account, self.new_id(), 1))
        self.send([front], self.errand("close", account=account), losses)

    @rule(front=fronts, person=persons, losses=losses)
    def leave(self, front: int, person: str, losses: int) -> None:
        """All accounts are closed, and then the person may be deleted."""
        own = self.register.people.get(person)
        for account in list(own.accounts if own else ()):
            self.send([front], self.errand("delete", person=person), losses)
            self.send([front], self.errand("close", account=account), 0)
        self.send([front], self.errand("delete", person=person), losses)

    @rule(front=fronts, losses=losses, everywhere=st.booleans(), data=st.data())
    @precondition(lambda self: self.errands)
    def repeat(self, front: int, losses: int, everywhere: bool, data: st.DataObject) -> None:
        """By one client, or by all at the same time; mostly a recent one, some with the id of another."""
        recent = st.sampled_from(self.errands[-6:])
        errand, other = data.draw(recent, "errand"), data.draw(recent, "other")
        errand = data.draw(st.sampled_from([errand, errand, other._replace(id=errand.id)]), "repeated")
        if errand.what == other.what == "close" and errand.id != other.id:
            errand = other
        self.send(range(FRONTS) if everywhere else [front], errand, 0 if everywhere else losses)

    @rule(person=persons, account=holdings)
    def open_and_delete_at_once(self, person: str, account: str) -> None:
        """One of them may come first; then the other is refused."""
        opening = self.errand("open", person=person, account=account)
        deletion = self.errand("delete", person=person)
        self.agrees = False
        first = self.run(self._at_once([(0, opening), (1, deletion)]))
        order = [deletion, opening] if isinstance(first[0], Refused) else [opening, deletion]
        for errand in order:
            self.compare_errand(errand, [first[0] if errand is opening else first[1]], is_told_apart=False)
        self.agrees = True

    @rule(front=fronts)
    def forget_people(self, front: int) -> None:
        self.users[front].forget_all()

    def errand(self, what: What, **about: str) -> Errand:
        made = Errand(what, FIRST_ID + len(self.errands), **about)
        self.errands.append(made)
        return made

    def send(self, clients: Sequence[int], errand: Errand, losses: int) -> None:
        self.agrees = False
        self.store.lose_replies = losses
        found = self.run(self._at_once([(client, errand) for client in clients]))
        self.store.lose_replies = 0
        self.compare_errand(errand, found, is_told_apart=not losses and len(clients) == 1)
        self.agrees = True

    def compare_errand(self, errand: Errand, found: Sequence[Any], *, is_told_apart: bool) -> None:
        """Every client gets what the model says."""
        if errand.what in ("open", "close"):
            ask, expected = self._expected(errand)
            for each in found:
                receipts = each if isinstance(each, Refused) else [each]
                self.compare([ask], [expected], receipts, is_told_apart=is_told_apart)
            return
        wanted = self.register.give(errand)
        for each in found:
            assert wanted == (each.revision if isinstance(each, UserReceipt) else type(each).__name__), errand

    def _expected(self, errand: Errand) -> tuple[Ask, Expected]:
        is_opening = errand.what == "open"
        ask = Ask("create" if is_opening else "close", errand.account, errand.id, currency="CZK")
        if not is_opening:
            ask = ask._replace(currency=None)
        elif (errand.account in self.register.opened or errand.account not in self.model.accounts) and (
            reasons := self.register.refuses(errand)
        ):
            return ask, Expected(reasons)
        (expected,) = self.expect([ask])
        if expected.answer is not None and not expected.repeated:
            if is_opening:
                self.register.open(errand)
            else:
                self.register.close(errand.account)
        return ask, expected

    async def _at_once(self, errands: Sequence[tuple[int, Errand]]) -> Sequence[Any]:
        return await asyncio.gather(*(self._sent(client, errand) for client, errand in errands))

    async def _sent(self, client: int, errand: Errand) -> Receipt | UserReceipt | DomainError:
        while True:
            try:
                return await self._given(client, errand)
            except DomainError as refusal:
                return refusal
            except OutcomeUnknown:
                continue

    def _given(self, client: int, errand: Errand) -> Awaitable[Receipt | UserReceipt]:
        users, holding = self.users[client], self.holding[client]
        user, command_id = UserId(self.prefix + errand.person), an_id(errand.id)
        context, account = self.context(command_id), self.account(Ask("close", errand.account, errand.id))
        match errand.what:
            case "create":
                return users.create(user, Personal(name=errand.text), context)
            case "update":
                return users.update(user, Personal(phone=errand.text), context)
            case "delete":
                return users.delete(user, context)
            case "open":
                opening = CreateAccount(
                    account_id=account, command_id=command_id, currency="CZK", holder=user
                )
                return holding.open(opening, context)
            case "close":
                return holding.close(CloseAccount(account_id=account, command_id=command_id), context)

    def teardown(self) -> None:
        """In the end every client, and the read model, know the same people and what they hold."""
        if self.agrees:
            self.run(self._compare_people())
        super().teardown()

    async def _compare_people(self) -> None:
        redis = MemoryRedis()
        reading = self.log.log.read(prefixes=(USERS.stream(self.prefix),), after=None)
        redis.fill([each for each in reading if isinstance(each, Recorded)], [people.MODEL])
        for name, own in self.register.people.items():
            user = UserId(self.prefix + name)
            accounts = [tuple(self.prefix + each for each in held) for held in (own.accounts, own.former)]
            for users in self.users:
                state = await users.state(user)
                assert not isinstance(state, Unknown)
                assert isinstance(state, Deleted) is own.is_deleted
                assert [state.standing.accounts, state.standing.former] == accounts
            row = await people.person(redis.client, user)
            assert (row is None) is own.is_deleted
            if row is not None:
                assert ([row.accounts, row.former], row.revision) == (accounts, own.events - 1)
            assert (await asyncio.to_thread(keys().get, user) is None) is own.is_deleted


@cache
def keys() -> KeyStore:
    return fresh_keys()
