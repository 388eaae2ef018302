import asyncio
import itertools
import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from commands import messages
from commands.accounts import Accounts, Receipt
from commands.cache import Cache
from commands.handler import CONFLICTS, TooContended
from domain.accounts import (
    ACCOUNTS,
    AccountAlreadyExists,
    AccountCommand,
    CurrencyMismatch,
    Entry,
    InsufficientFunds,
    Open,
    UnknownAccount,
    Unopened,
    change,
)
from domain.errors import CommandReused, CommandTooOld
from domain.idempotency import WINDOW
from domain.identifiers import AccountId
from eventstore.codec import decode_metadata
from eventstore.memory import MemoryStore, Records
from eventstore.store import EventStore, NewEvent, OutcomeUnknown, StoreUnavailable, StreamStopped
from tests.kit.accounts import DAY, an_id, create, deposit, entry_id, events_of, record, withdraw
from tests.kit.contexts import NOW, context_of
from tests.kit.faults import Unreliable
from tests.kit.logs import Both

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def account(both: Both) -> AccountId:
    return AccountId(f"a{both.prefix}")


stream_of = ACCOUNTS.stream


async def give(accounts: Accounts, command: AccountCommand) -> Receipt:
    return await accounts.handle(command, context_of(command))


async def entries(store: EventStore, account: AccountId) -> list[Entry]:
    """The account's entries in the log, which are checked to follow from one another."""
    events = events_of(await store.read_stream(stream_of(account)))
    found = [event for event in events if isinstance(event, Entry)]
    balance = 0
    for entry in found:
        balance += change(entry)
        assert entry.balance == balance
    assert len({entry.entry_id for entry in found}) == len(found)
    return found


# The effect of a command.


async def test_the_answer_to_a_deposit_has_its_entry_and_position(both: Both, account: AccountId) -> None:
    accounts = Accounts(both.store)
    await give(accounts, create(1, account=account))
    outcome = await give(accounts, deposit(2, 100, account=account))
    (recorded,) = await both.store.read_stream(stream_of(account), start=1)
    assert outcome == Receipt(
        entry_id=entry_id(2, account),
        amount=100,
        account_id=account,
        revision=1,
        position=recorded.position,
        event_id=UUID(recorded.event_id),
        balance=100,
        currency="CZK",
        repeated=False,
    )


async def test_a_deposit_opens_the_account_in_the_same_append(both: Both, account: AccountId) -> None:
    outcome = await give(Accounts(both.store), deposit(1, 100, account=account))
    assert (outcome.revision, outcome.balance) == (1, 100)
    types = [recorded.type for recorded in await both.store.read_stream(stream_of(account))]
    assert types == ["AccountCreated", "MoneyDeposited"]


async def test_opening_an_account_moves_no_money(both: Both, account: AccountId) -> None:
    outcome = await give(Accounts(both.store), create(1, account=account, currency="EUR"))
    assert (outcome.entry_id, outcome.revision, outcome.balance, outcome.currency) == (None, 0, 0, "EUR")


async def test_every_event_has_its_actor_time_and_request(both: Both, account: AccountId) -> None:
    await give(Accounts(both.store), deposit(1, 100, account=account))
    for recorded in await both.store.read_stream(stream_of(account)):
        metadata = decode_metadata(recorded)
        assert metadata.causation_id == metadata.command_id == an_id(1)
        assert metadata.correlation_id == str(an_id(1))
        assert (metadata.actor, metadata.at, metadata.schema) == ("test", NOW, 2)


async def test_a_refusal_books_nothing(both: Both, account: AccountId) -> None:
    accounts = Accounts(both.store)
    with pytest.raises(UnknownAccount):
        await give(accounts, withdraw(1, 1, account=account))
    await give(accounts, deposit(2, 100, account=account))
    for refused, command in (
        (InsufficientFunds, withdraw(3, 101, account=account)),
        (CurrencyMismatch, deposit(3, 1, currency="EUR", account=account)),
        (AccountAlreadyExists, create(3, account=account)),
    ):
        with pytest.raises(refused):
            await give(accounts, command)
    assert len(await entries(both.store, account)) == 1


# Many at once.


async def test_fifty_deposits_at_once_are_each_booked_once(both: Both, account: AccountId) -> None:
    accounts = Accounts(both.store)
    outcomes = await asyncio.gather(*(give(accounts, deposit(n, n + 1, account=account)) for n in range(50)))
    assert sorted(outcome.revision for outcome in outcomes) == list(range(1, 51))
    assert len(await entries(both.store, account)) == 50
    assert max(outcome.balance for outcome in outcomes) == sum(range(1, 51))


async def test_two_ledgers_on_one_account_book_every_command_of_both(both: Both, account: AccountId) -> None:
    fronts = Accounts(both.store), Accounts(both.store)
    await asyncio.gather(
        *(give(fronts[n % 2], deposit(n, 10, account=account)) for n in range(40)),
    )
    assert (await entries(both.store, account))[-1].balance == 400


async def test_one_of_two_withdrawals_of_the_whole_balance_is_refused(both: Both, account: AccountId) -> None:
    fronts = [Accounts(both.store) for _ in range(4)]
    await give(fronts[0], deposit(0, 100, account=account))
    answers = await asyncio.gather(
        *(give(accounts, withdraw(n + 1, 100, account=account)) for n, accounts in enumerate(fronts)),
        return_exceptions=True,
    )
    assert sum(isinstance(answer, InsufficientFunds) for answer in answers) == 3
    assert (await entries(both.store, account))[-1].balance == 0


async def test_one_command_sent_many_times_at_once_is_booked_once(both: Both, account: AccountId) -> None:
    fronts = [Accounts(both.store) for _ in range(4)]
    command = deposit(1, 100, account=account)
    outcomes = await asyncio.gather(*(give(fronts[n % 4], command) for n in range(20)))
    assert len(await entries(both.store, account)) == 1
    assert {(o.entry_id, o.revision, o.position, o.balance) for o in outcomes} == {
        (entry_id(1, account), 1, outcomes[0].position, 100)
    }


async def test_a_writer_that_is_always_slower_is_refused_and_books_nothing(
    both: Both, account: AccountId
) -> None:
    other, store = Accounts(both.store), Unreliable(both.store)
    accounts = Accounts(store)
    numbers = itertools.count(1)
    store.before_append = lambda: give(other, deposit(next(numbers), 1, account=account))
    with pytest.raises(TooContended):
        await give(accounts, deposit(0, 1000, account=account))
    assert (await entries(both.store, account))[-1].balance == CONFLICTS == store.appends


async def test_commands_on_a_hot_account_need_no_reads(both: Both, account: AccountId) -> None:
    store = Unreliable(both.store)
    accounts = Accounts(store)
    for n in range(20):
        await give(accounts, deposit(n, 1, account=account))
    assert (store.appends, store.reads) == (20, 1)


# A state that is behind the log.


async def test_a_refusal_is_decided_on_the_state_in_the_log(both: Both, account: AccountId) -> None:
    behind, ahead = Accounts(both.store), Accounts(both.store)
    await give(behind, create(1, account=account))
    await give(ahead, deposit(2, 100, account=account))
    assert (await give(behind, withdraw(3, 100, account=account))).balance == 0


async def test_the_state_in_memory_is_brought_up_to_date_on_request(both: Both, account: AccountId) -> None:
    behind, ahead = Accounts(both.store), Accounts(both.store)
    assert await behind.state(account) == Unopened()
    await give(ahead, deposit(1, 100, account=account))
    first = await behind.state(account)
    await give(ahead, deposit(2, 50, account=account))
    second = await behind.state(account)
    assert isinstance(first, Open)
    assert isinstance(second, Open)
    assert (first.standing.balance, second.standing.balance) == (100, 150)


async def test_a_cold_command_reads_its_stream_once(both: Both, account: AccountId) -> None:
    await give(Accounts(both.store), create(1, account=account, currency="EUR"))
    store = Unreliable(both.store)
    receipt = await give(Accounts(store), deposit(2, 100, currency=None, account=account))
    assert (receipt.currency, store.reads) == ("EUR", 1)
    store = Unreliable(both.store)
    with pytest.raises(InsufficientFunds):
        await give(Accounts(store), withdraw(3, 101, currency=None, account=account))
    assert store.reads == 1


async def test_only_a_limited_number_of_bytes_is_kept(both: Both, account: AccountId) -> None:
    store = Unreliable(both.store)
    accounts = Accounts(store, cache=Cache(4_000))
    for n in range(3):
        await give(accounts, deposit(n, 1, account=f"{account}{n}"))
    assert store.reads == 3
    await give(accounts, deposit(10, 1, account=f"{account}2"))
    assert store.reads == 3
    assert (await give(accounts, deposit(11, 1, account=f"{account}0"))).balance == 2
    assert store.reads == 4


async def test_a_log_that_was_restored_from_a_backup_is_read_again() -> None:
    records = Records()
    accounts = Accounts(MemoryStore(records))
    await give(accounts, deposit(1, 100))
    await give(accounts, deposit(2, 100))
    records.all.clear()
    records.streams.clear()
    assert (await give(accounts, deposit(3, 5))).balance == 5


async def test_a_refusal_is_decided_on_a_log_that_was_restored_from_a_backup() -> None:
    records = Records()
    accounts = Accounts(MemoryStore(records))
    await give(accounts, deposit(1, 100))
    await give(accounts, withdraw(2, 100))
    lose_last(records)
    assert (await give(accounts, withdraw(3, 60))).balance == 40


async def test_an_entry_that_a_restored_log_lost_can_be_repeated() -> None:
    records = Records()
    accounts = Accounts(MemoryStore(records))
    await give(accounts, deposit(1, 100))
    await give(accounts, deposit(2, 50))
    lose_last(records)
    with pytest.raises(StoreUnavailable):
        await give(accounts, deposit(2, 50))
    again = await give(accounts, deposit(2, 50))
    assert (again.balance, again.repeated) == (150, False)


def lose_last(records: Records) -> None:
    """As a log that was restored from a backup."""
    records.streams[records.all.pop().stream].pop()


async def test_a_stream_with_an_event_that_cannot_follow_is_stopped_there(
    both: Both, account: AccountId
) -> None:
    accounts = Accounts(both.store)
    await give(accounts, deposit(1, 100, account=account))
    (recorded,) = await both.store.read_stream(stream_of(account), start=1)
    again = NewEvent(uuid4(), recorded.type, recorded.data, recorded.metadata)
    await both.store.append(stream_of(account), [again], expected=1)
    for each in (accounts, Accounts(both.store)):
        with pytest.raises(StreamStopped) as stopped:
            await give(each, deposit(2, 100, account=account))
        assert (stopped.value.stream, stopped.value.revision) == (stream_of(account), 2)


# Repetitions and lost replies.


@pytest.mark.parametrize("where", ["the same", "a new one", "one that is behind"])
async def test_a_repeated_command_gets_its_original_answer(
    both: Both, account: AccountId, where: str
) -> None:
    accounts, behind = Accounts(both.store), Accounts(both.store)
    commands: list[AccountCommand] = [
        deposit(1, 100, account=account),
        deposit(2, 50, account=account),
        withdraw(3, 30, account=account),
        record(4, -500, account=account),
    ]
    await give(behind, commands[0])
    first = [await give(accounts, command) for command in commands]
    again = {
        "the same": accounts,
        "a new one": Accounts(both.store),
        "one that is behind": behind,
    }
    second = [await give(again[where], command) for command in commands]
    assert [(o.entry_id, o.revision, o.position, o.balance) for o in second] == [
        (o.entry_id, o.revision, o.position, o.balance) for o in first
    ]
    assert where == "one that is behind" or all(outcome.repeated for outcome in second)
    assert len(await entries(both.store, account)) == 4


async def test_a_repeated_opening_gets_its_original_answer(both: Both, account: AccountId) -> None:
    accounts = Accounts(both.store)
    first = await give(accounts, create(1, account=account))
    await give(accounts, deposit(2, 100, account=account))
    second = await give(accounts, create(1, account=account))
    assert second.repeated
    assert (second.revision, second.position, second.balance) == (0, first.position, 0)


@pytest.mark.parametrize("where", ["the same", "one that is behind"])
async def test_a_command_id_with_another_body_is_refused_wherever_it_arrives(
    both: Both, account: AccountId, where: str
) -> None:
    """Also if the state that was decided on is behind, at the revision at which the id was booked."""
    accounts, behind = Accounts(both.store), Accounts(both.store)
    await give(behind, create(1, account=account))
    await give(accounts, deposit(2, 100, account=account))
    with pytest.raises(CommandReused):
        await give(accounts if where == "the same" else behind, deposit(2, 999, account=account))
    assert (await give(behind, deposit(3, 1, account=account))).balance == 101


async def test_a_repetition_on_the_next_day_is_recognised_by_a_ledger_that_is_behind(
    both: Both, account: AccountId
) -> None:
    accounts, behind = Accounts(both.store), Accounts(both.store)
    await give(behind, create(1, account=account))
    first = await give(accounts, deposit(2, 100, account=account))
    second = await give(behind, deposit(2, 100, account=account, booked_on=DAY + timedelta(days=1)))
    assert (second.revision, second.position) == (first.revision, first.position)
    assert (await entries(both.store, account))[0].value_date == DAY


@pytest.mark.parametrize(("replies", "requests"), [(1, 0), (0, 1)])
async def test_a_command_whose_reply_or_request_is_lost_is_booked_once(
    both: Both, account: AccountId, replies: int, requests: int
) -> None:
    store = Unreliable(both.store)
    accounts = Accounts(store)
    await give(accounts, deposit(1, 100, account=account))
    store.lose_replies, store.lose_requests = replies, requests
    assert (await give(accounts, deposit(2, 50, account=account))).balance == 150
    assert (await give(accounts, deposit(3, 1, account=account))).balance == 151
    assert len(await entries(both.store, account)) == 3


async def test_without_a_reply_the_outcome_is_unknown_and_a_repetition_is_safe(
    both: Both, account: AccountId
) -> None:
    store = Unreliable(both.store)
    accounts = Accounts(store)
    store.lose_replies = 2
    command = deposit(1, 100, account=account)
    with pytest.raises(OutcomeUnknown):
        await give(accounts, command)
    for repeating in (accounts, Accounts(both.store)):
        assert (await give(repeating, command)).balance == 100
    assert len(await entries(both.store, account)) == 1


async def test_without_a_reply_the_next_command_is_decided_on_the_booked_state(
    both: Both, account: AccountId
) -> None:
    store = Unreliable(both.store)
    accounts = Accounts(store)
    await give(accounts, deposit(1, 100, account=account))
    store.lose_replies = 2
    with pytest.raises(OutcomeUnknown):
        await give(accounts, withdraw(2, 100, account=account))
    with pytest.raises(InsufficientFunds):
        await give(accounts, withdraw(3, 100, account=account))


async def test_an_id_from_long_ago_is_refused_and_not_booked(both: Both, account: AccountId) -> None:
    accounts = Accounts(both.store)
    many = [record(n, 1, account=account) for n in range(2 * WINDOW + 5)]
    await accounts.handle_all(many, [context_of(command) for command in many])
    for again in (accounts, Accounts(both.store)):
        with pytest.raises(CommandTooOld):
            await give(again, deposit(0, 1, account=account))
        assert (await give(again, record(0, 1, account=account))).revision == 1
    assert len(await entries(both.store, account)) == 2 * WINDOW + 5


async def test_a_command_given_up_on_leaves_the_account_usable(both: Both, account: AccountId) -> None:
    accounts = Accounts(both.store)
    tasks = [asyncio.create_task(give(accounts, deposit(n, 1, account=account))) for n in range(10)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for n in range(10):
        await give(accounts, deposit(n, 1, account=account))
    assert len(await entries(both.store, account)) == 10


# Several commands in one call.


async def test_commands_in_one_call_are_booked_in_one_append(both: Both, account: AccountId) -> None:
    store = Unreliable(both.store)
    commands = [
        record(1, 100, account=account),
        record(2, -300, account=account),
        record(3, 7, account=account),
    ]
    outcomes = await Accounts(store).handle_all(commands, [context_of(command) for command in commands])
    assert [(outcome.revision, outcome.balance) for outcome in outcomes] == [(1, 100), (2, -200), (3, -193)]
    assert store.appends == 1
    assert len({outcome.position for outcome in outcomes}) == 1


async def test_commands_in_one_call_that_were_booked_before_are_not_booked_again(
    both: Both, account: AccountId
) -> None:
    accounts = Accounts(both.store)
    commands = [record(n, n + 1, account=account) for n in range(6)]
    contexts = [context_of(command) for command in commands]
    await accounts.handle_all(commands[1:3], contexts[1:3])
    outcomes = await accounts.handle_all([*commands, commands[0]], [*contexts, contexts[0]])
    assert [outcome.repeated for outcome in outcomes] == [False, True, True, False, False, False, True]
    assert len({(outcome.entry_id, outcome.revision) for outcome in outcomes}) == 6
    again = await Accounts(both.store).handle_all(commands, contexts)
    assert [outcome.revision for outcome in again] == [outcome.revision for outcome in outcomes[:6]]
    assert len(await entries(both.store, account)) == 6


async def test_commands_in_one_call_are_booked_together_or_not_at_all(both: Both, account: AccountId) -> None:
    commands: list[AccountCommand] = [
        deposit(1, 100, account=account),
        withdraw(2, 101, account=account),
    ]
    with pytest.raises(InsufficientFunds):
        await Accounts(both.store).handle_all(commands, [context_of(command) for command in commands])
    assert await both.store.read_stream(stream_of(account)) == []


async def test_commands_in_one_call_are_for_one_account_each_with_its_context(both: Both) -> None:
    one, other = deposit(1, 1, account="a"), deposit(2, 1, account="b")
    with pytest.raises(ValueError, match=re.escape(messages.several_aggregates(2))):
        await Accounts(both.store).handle_all([one, other], [context_of(one), context_of(other)])
    with pytest.raises(ValueError, match=messages.CONTEXT_OF_ANOTHER_COMMAND):
        await Accounts(both.store).handle_all([one], [context_of(other)])
