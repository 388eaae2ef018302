"""What a reactor does is a part of the trace of the request, whose correlation id it keeps."""

from uuid import uuid4

import msgspec
import pytest

from commands.accounts import Accounts
from commands.transfers import Order, Transfers
from domain.accounts import CloseAccount
from domain.identifiers import AccountId
from domain.money import Amount
from domain.transfers import Completed, Refunded
from eventstore.store import Recorded
from projections.causes import Step, tree
from reactors.transfers import TRANSFERS
from tests.kit.accounts import DAY, create, deposit
from tests.kit.contexts import context_for, context_of
from tests.kit.reactors import Log, reacting, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

REQUEST = "transfer/7?"


async def transferred(log: Log, *, closed: bool) -> tuple[Step, ...]:
    """100 from "a" to "b", which may be closed meanwhile: the tree of the request's events."""
    accounts = Accounts(log.store)
    transfers = Transfers(log.store, accounts)
    for number, account in enumerate("ab"):
        opening = create(2 * number, account=account)
        await accounts.handle(opening, context_of(opening))
    paid = deposit(5, 500, account="a")
    await accounts.handle(paid, context_of(paid))
    context = msgspec.structs.replace(context_for(uuid4()), correlation_id=REQUEST)
    order = Order(
        from_account=AccountId("a"), to_account=AccountId("b"), amount=Amount(100, 2), booked_on=DAY
    )
    receipt = await transfers.request(order, context)
    if closed:
        closing = CloseAccount(account_id=AccountId("b"), command_id=uuid4())
        await accounts.handle(closing, context_of(closing))
    async with reacting(log, [TRANSFERS]):

        async def ended() -> bool:
            state = await transfers.state(receipt.transfer_id)
            return isinstance(state, Completed | Refunded)

        await until(ended)
    return tree(each for each in await everything(log) if REQUEST.encode() in each.metadata)


async def everything(log: Log) -> list[Recorded]:
    return await log.store.read_all(prefixes=["account-", "transfer-"], limit=100)


def shape(steps: tuple[Step, ...]) -> list[tuple[int, str]]:
    return [(step.depth, step.recorded.type) for step in steps]


async def test_a_transfer_is_one_tree(log: Log) -> None:
    steps = await transferred(log, closed=False)
    assert shape(steps) == [
        (0, "TransferRequested"),
        (1, "MoneySent"),
        (2, "TransferDebited"),
        (3, "MoneyReceived"),
        (4, "TransferCredited"),
        (4, "TransferCompleted"),
    ]
    assert [step.origin.actor for step in steps] == ["test", *["reactor"] * 5]


async def test_a_refund_is_in_the_tree_too(log: Log) -> None:
    assert shape(await transferred(log, closed=True)) == [
        (0, "TransferRequested"),
        (1, "MoneySent"),
        (2, "TransferDebited"),
        (3, "TransferDeclined"),
        (4, "CreditDeclined"),
        (5, "MoneyReturned"),
        (6, "TransferRefunded"),
    ]
