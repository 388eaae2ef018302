"""Requests that share an append: each has the answer that it would have alone, one after the other."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest

from commands import handler
from commands.accounts import Accounts, Receipt
from commands.context import Context, encoded
from commands.deciding import NO_TERMS, Terms, WrongVersion
from domain.accounts import ACCOUNTS, AccountCommand, InsufficientFunds
from domain.decider import Event
from domain.identifiers import AccountId
from eventstore.memory import MemoryStore, Records
from eventstore.store import Appended, NewEvent, StoreRefused
from tests.kit.accounts import deposit, withdraw
from tests.kit.contexts import context_of
from tests.kit.faults import Unreliable

ACCOUNT = AccountId("shared")


class Narrow(Unreliable):
    """It refuses more than `most` events at a time."""

    most = 1_000

    async def append(self, stream: str, events: Sequence[NewEvent], *, expected: int) -> Appended:
        if len(events) > self.most:
            self.appends += 1
            raise StoreRefused("too large")
        return await super().append(stream, events, expected=expected)


class Office:
    """An account of 100 at revision 1. `first` holds the log until the others wait."""

    def __init__(self) -> None:
        self.store = Narrow(MemoryStore(Records()))
        self.accounts = Accounts(self.store)
        self.goes_on = asyncio.Event()

    async def together(
        self, *commands: AccountCommand, terms: Sequence[Terms] = ()
    ) -> list[Receipt | BaseException]:
        """The answers to `commands`, which come while another one, a deposit of 1, is under way."""
        self.store.before_append = self.goes_on.wait
        first = asyncio.create_task(self.handle(deposit(1_000, 1, account=ACCOUNT)))
        await asyncio.sleep(0)
        given = [*terms, *[NO_TERMS] * (len(commands) - len(terms))]
        others = [asyncio.create_task(self.handle(*each)) for each in zip(commands, given, strict=True)]
        await asyncio.sleep(0)
        self.goes_on.set()
        await first
        return await asyncio.gather(*others, return_exceptions=True)

    async def handle(self, command: AccountCommand, terms: Terms = NO_TERMS) -> Receipt:
        return await self.accounts.handle(command, context_of(command), terms)

    async def revision(self) -> int:
        return (await self.store.read_stream(ACCOUNTS.stream(ACCOUNT)))[-1].revision


@pytest.fixture
async def office() -> Office:
    made = Office()
    await made.handle(deposit(0, 100, account=ACCOUNT))
    made.store.appends = 0
    return made


def kinds(answers: Sequence[Receipt | BaseException]) -> list[type]:
    return [type(each) for each in answers]


async def test_what_is_refused_is_left_out(office: Office) -> None:
    answers = await office.together(
        withdraw(1, 90, account=ACCOUNT),
        withdraw(2, 50, account=ACCOUNT),
        deposit(3, 40, account=ACCOUNT),
        withdraw(4, 50, account=ACCOUNT),
    )
    assert kinds(answers) == [Receipt, InsufficientFunds, Receipt, Receipt]
    assert [each.balance for each in answers if isinstance(each, Receipt)] == [11, 51, 1]
    assert (office.store.appends, await office.revision()) == (2, 5)


async def test_conditions_are_about_the_revision_after_those_before(office: Office) -> None:
    """The account is at revision 2 when these are decided."""
    terms = [Terms(only_at=(revision,)) for revision in (2, 2, 3)]
    commands = [deposit(number, 1, account=ACCOUNT) for number in (1, 2, 3)]
    answers = await office.together(*commands, terms=terms)
    assert kinds(answers) == [Receipt, WrongVersion, Receipt]
    assert await office.revision() == 4


async def test_the_same_command_twice_is_booked_once(office: Office) -> None:
    command = deposit(1, 5, account=ACCOUNT)
    one, other, new = await office.together(command, command, deposit(2, 5, account=ACCOUNT))
    assert isinstance(one, Receipt)
    assert isinstance(other, Receipt)
    assert isinstance(new, Receipt)
    assert (one.entry_id, one.balance, one.repeated) == (other.entry_id, other.balance, False)
    assert (other.repeated, new.balance) == (True, 111)


async def test_a_refusal_that_rests_on_what_is_not_recorded_is_decided_again(office: Office) -> None:
    """Another office takes the revision first, and takes the money that the first request wanted."""
    rival = Accounts(office.store)
    calls = 0

    async def overtaken() -> None:
        nonlocal calls
        calls += 1
        await office.goes_on.wait()
        if calls == 2:
            office.store.before_append = None
            taken = withdraw(9, 50, account=ACCOUNT)
            await rival.handle(taken, context_of(taken))

    wait = office.together(withdraw(1, 90, account=ACCOUNT), withdraw(2, 20, account=ACCOUNT))
    task = asyncio.create_task(wait)
    await asyncio.sleep(0)
    office.store.before_append = overtaken
    answers = await task
    assert kinds(answers) == [InsufficientFunds, Receipt]
    assert (await office.accounts.loaded(ACCOUNT)).revision == await office.revision() == 4


async def test_what_is_wrong_with_one_request_is_not_wrong_with_the_others(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(decided: Sequence[Sequence[Event]], contexts: Sequence[Context]) -> list[NewEvent]:
        if contexts[0].command_id == poison.command_id:
            raise OverflowError
        return encoded(decided, contexts)

    poison = deposit(2, 1, account=ACCOUNT)
    monkeypatch.setattr(handler, "encoded", failing)
    answers = await office.together(deposit(1, 1, account=ACCOUNT), poison, deposit(3, 1, account=ACCOUNT))
    assert kinds(answers) == [Receipt, OverflowError, Receipt]


async def test_what_is_too_large_together_is_booked_one_by_one(office: Office) -> None:
    office.store.most = 2
    answers = await office.together(*(deposit(number, 1, account=ACCOUNT) for number in (1, 2, 3)))
    assert kinds(answers) == [Receipt] * 3
    assert (await office.revision(), office.store.appends) == (5, 5)


async def test_what_the_log_refuses_of_one_request_is_not_refused_of_the_others(office: Office) -> None:
    office.store.most, office.store.before_append = 1, office.goes_on.wait
    two, refused = (
        [deposit(number, 1, account=ACCOUNT) for number in (1, 2)],
        withdraw(3, 500, account=ACCOUNT),
    )
    first = asyncio.create_task(office.handle(deposit(1_000, 1, account=ACCOUNT)))
    await asyncio.sleep(0)
    large = asyncio.create_task(office.accounts.handle_all(two, [context_of(each) for each in two]))
    other = asyncio.create_task(office.handle(refused))
    await asyncio.sleep(0)
    office.goes_on.set()
    answers = await asyncio.gather(first, large, other, return_exceptions=True)
    assert [type(each) for each in answers] == [Receipt, StoreRefused, InsufficientFunds]


async def test_what_other_programs_changed_meanwhile_is_not_kept(office: Office) -> None:
    async def forgotten() -> None:
        await office.goes_on.wait()
        office.accounts.forget(ACCOUNTS.stream(ACCOUNT))

    task = asyncio.create_task(office.together(deposit(1, 1, account=ACCOUNT)))
    await asyncio.sleep(0)
    office.store.before_append = forgotten
    await task
    reads = office.store.reads
    await office.handle(deposit(2, 1, account=ACCOUNT))
    assert office.store.reads > reads


async def test_answers_of_one_append_have_ids_of_their_own(office: Office) -> None:
    answers = await office.together(*(deposit(number, 1, account=ACCOUNT) for number in (1, 2)))
    records = await office.store.read_stream(ACCOUNTS.stream(ACCOUNT))
    booked = [each for each in answers if isinstance(each, Receipt)]
    assert [each.event_id for each in booked] == [UUID(each.event_id) for each in records[-2:]]
    assert {each.position for each in booked} == {records[-1].position}
