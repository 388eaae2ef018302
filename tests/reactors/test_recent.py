"""A reactor whose events are rare in a long log."""

from uuid import UUID, uuid4

import pytest

from commands.transfers import Order
from domain.accounts import ACCOUNTS
from domain.identifiers import AccountId
from domain.money import Amount
from domain.transfers import Completed
from eventstore.memory import MemoryLog, MemoryStore
from eventstore.personal.keys import KeyStore
from reactors.checkpoint import stream_of
from reactors.reactor import Tools
from reactors.recent import MOST, recent
from reactors.status import status
from reactors.transfers import TRANSFERS as REACTOR
from tests.kit.accounts import DAY, events_of
from tests.kit.contexts import context_for
from tests.kit.journal import Journal, traffic
from tests.kit.reactors import Log, reacting, until
from tests.kit.users import USER, create_user, register

pytestmark = pytest.mark.asyncio(loop_scope="session")


def prefixes(category: str) -> tuple[str, ...]:
    return (f"{category}-",)


async def test_only_the_newest_events_of_the_log_are_looked_at() -> None:
    journal = Journal()
    early = register(journal, create_user(1))
    traffic(journal, MOST)
    store, people = MemoryStore(journal.records), prefixes("user")
    assert (await recent(store, people)).last == journal.all[-MOST].position
    assert early < (await recent(store, people)).last
    late = register(journal, create_user(2, user=f"{USER}-2"))
    found = await recent(store, people)
    assert ([each.position for each in found.events], found.last) == ([late], late)


async def test_of_a_short_log_all_events_are_known() -> None:
    journal = Journal()
    assert await recent(MemoryStore(journal.records), prefixes("user")) == ([], 0)
    last = traffic(journal, 10)
    found = await recent(MemoryStore(journal.records), prefixes(ACCOUNTS.category))
    assert (found.last, found.since, len(found.events)) == (last, 0, len(journal.all))
    assert events_of(found.events)


async def test_a_transfer_in_a_log_full_of_other_events_is_carried_on(keys: KeyStore) -> None:
    journal = Journal()
    traffic(journal, 2 * MOST)
    journal.book("payer", 100)
    journal.open("payee")
    log = Log(MemoryStore(journal.records), lambda: MemoryLog(journal.records), keys)
    async with reacting(log, (REACTOR,)) as tools:
        await until(lambda: stream_of(REACTOR.name) in journal.records.streams)
        (found,) = await status(log.store, (REACTOR,))
        assert (found.state, found.problem) == ("ok", None)
        order = Order(
            from_account=AccountId("payer"),
            to_account=AccountId("payee"),
            amount=Amount(100, 2),
            booked_on=DAY,
        )
        made = await tools.transfers.request(order, context_for(uuid4()))
        await until(lambda: is_completed(tools, made.transfer_id))


async def is_completed(tools: Tools, transfer_id: UUID) -> bool:
    return isinstance(await tools.transfers.state(transfer_id), Completed)
