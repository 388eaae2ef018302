"""A request for a transfer that arrives again is answered as before, whatever has become of the money."""

from collections.abc import Awaitable, Callable
from uuid import uuid4

from commands.accounts import Accounts
from commands.transfers import Order, Transfers
from domain.accounts import CreateAccount
from domain.identifiers import AccountId
from domain.money import Amount
from domain.transfers import TRANSFERS
from eventstore.memory import MemoryStore, Records
from eventstore.store import Recorded
from tests.kit.accounts import DAY, an_id, deposit, withdraw
from tests.kit.contexts import context_for, context_of

ORDER = Order(from_account=AccountId("a"), to_account=AccountId("b"), amount=Amount(100, 2), booked_on=DAY)


class Slow(MemoryStore):
    """Something happens right after the first look at a transfer."""

    def __init__(self, records: Records, then: Callable[[], Awaitable[None]]) -> None:
        super().__init__(records)
        self._then: Callable[[], Awaitable[None]] | None = then

    async def read_stream(
        self, stream: str, *, start: int | None = None, limit: int | None = None, backwards: bool = False
    ) -> list[Recorded]:
        found = await super().read_stream(stream, start=start, limit=limit, backwards=backwards)
        if stream.startswith(TRANSFERS.stream("")) and self._then:
            then, self._then = self._then, None
            await then()
        return found


async def a_bank(records: Records) -> tuple[Accounts, Transfers]:
    store = MemoryStore(records)
    accounts = Accounts(store)
    opening = CreateAccount(account_id=ORDER.to_account, command_id=uuid4(), currency="CZK")
    for command in (deposit(2, 100), opening):
        await accounts.handle(command, context_of(command))
    return accounts, Transfers(store, accounts)


async def test_a_repetition_is_not_refused_for_money_that_has_left_since() -> None:
    records = Records()
    accounts, transfers = await a_bank(records)
    first = await transfers.request(ORDER, context_for(an_id(1)))
    emptying = withdraw(3, 100)
    await accounts.handle(emptying, context_of(emptying))
    again = await transfers.request(ORDER, context_for(an_id(1)))
    assert (again.transfer_id, again.position, again.repeated) == (first.transfer_id, first.position, True)


async def test_of_a_double_click_both_get_the_same_answer_also_if_the_money_is_gone_in_between() -> None:
    records = Records()
    accounts, transfers = await a_bank(records)

    async def the_other_one_is_faster() -> None:
        await transfers.request(ORDER, context_for(an_id(1)))
        emptying = withdraw(3, 100)
        await accounts.handle(emptying, context_of(emptying))

    slow = Slow(records, the_other_one_is_faster)
    found = await Transfers(slow, Accounts(slow)).request(ORDER, context_for(an_id(1)))
    assert found.repeated
    assert len(records.streams[TRANSFERS.stream(str(found.transfer_id))]) == 1
