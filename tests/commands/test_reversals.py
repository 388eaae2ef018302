"""Reversals of transfers, and of entries that belong to one: what is recorded, what is refused, and when again."""

import asyncio
from uuid import uuid4

import msgspec
import pytest

from commands.accounts import Receipt
from commands.deciding import Terms, WrongVersion
from commands.transfers import TransferReceipt
from domain.accounts import (
    AccountIsFrozen,
    CloseAccount,
    ReverseEntry,
    UnfreezeAccount,
    Withdraw,
)
from domain.identifiers import AccountId
from domain.money import Amount
from domain.transfers import (
    Existing,
    TransferAlreadyReversed,
    TransferNotCompleted,
    UnknownTransfer,
)
from tests.kit.accounts import DAY
from tests.kit.contexts import context_of
from tests.kit.exchange import Exchange
from tests.kit.logs import Both

pytestmark = pytest.mark.asyncio(loop_scope="session")

DRY = Terms(dry_run=True)


def at(*revisions: int) -> Terms:
    return Terms(only_at=revisions)


def undoing(account: AccountId, receipt: Receipt) -> ReverseEntry:
    assert receipt.entry_id
    return ReverseEntry(account_id=account, command_id=uuid4(), entry_id=receipt.entry_id, booked_on=DAY)


async def leg_of(exchange: Exchange, account: AccountId) -> ReverseEntry:
    """The reversal of the debit of a completed transfer if `account` is `a`, of its credit if it is `b`."""
    transfer = await exchange.transfers.state(await exchange.completed())
    assert isinstance(transfer, Existing)
    standing = transfer.standing
    entry_id = standing.debit if account == exchange.a else standing.credit
    assert entry_id
    return ReverseEntry(account_id=account, command_id=uuid4(), entry_id=entry_id, booked_on=DAY)


async def test_a_reversal_brings_the_money_back(exchange: Exchange) -> None:
    transfer_id, key = await exchange.completed(), uuid4()
    assert await exchange.transfers.reversed_by(transfer_id) is None
    receipt = await exchange.reverse(transfer_id, key=key)
    assert (receipt.from_account, receipt.to_account, receipt.amount) == (exchange.b, exchange.a, 200)
    assert (await exchange.first(receipt.transfer_id)).event.reverses == transfer_id
    assert await exchange.end(receipt.transfer_id) == "completed"
    assert await exchange.balances() == (500, 100)
    assert await exchange.transfers.reversed_by(transfer_id) == receipt.transfer_id
    again = await exchange.reverse(transfer_id, key=key)
    assert again == msgspec.structs.replace(receipt, repeated=True)


async def test_a_transfer_is_reversed_once_and_its_reversal_too(exchange: Exchange) -> None:
    transfer_id = await exchange.completed()
    reversal = await exchange.reverse(transfer_id)
    for terms in (Terms(), DRY):
        with pytest.raises(TransferAlreadyReversed, match=str(reversal.transfer_id)):
            await exchange.reverse(transfer_id, terms=terms)
    with pytest.raises(TransferNotCompleted):
        await exchange.reverse(reversal.transfer_id)
    await exchange.end(reversal.transfer_id)
    again = await exchange.reverse(reversal.transfer_id)
    assert await exchange.end(again.transfer_id) == "completed"
    assert await exchange.balances() == (300, 300)


async def test_only_a_completed_transfer_is_reversed(exchange: Exchange) -> None:
    with pytest.raises(UnknownTransfer):
        await exchange.reverse(uuid4())
    under_way = await exchange.request()
    with pytest.raises(TransferNotCompleted):
        await exchange.reverse(under_way.transfer_id)
    await exchange.freeze(exchange.b)
    assert await exchange.end(under_way.transfer_id) == "refunded"
    with pytest.raises(TransferNotCompleted):
        await exchange.reverse(under_way.transfer_id)


async def test_a_reversal_that_is_refused_at_once_is_not_recorded(exchange: Exchange) -> None:
    transfer_id = await exchange.completed()
    await exchange.freeze(exchange.b)
    with pytest.raises(AccountIsFrozen):
        await exchange.reverse(transfer_id)
    assert await exchange.transfers.reversed_by(transfer_id) is None


async def test_after_a_reversal_that_failed_another_one_may_be_requested(exchange: Exchange) -> None:
    transfer_id, key = await exchange.completed(), uuid4()
    failed = await exchange.reverse(transfer_id, key=key)
    await exchange.freeze(exchange.b)
    assert await exchange.end(failed.transfer_id) == "refused"
    assert await exchange.transfers.reversed_by(transfer_id) is None
    await exchange.give(UnfreezeAccount(account_id=exchange.b, command_id=uuid4()))
    again = await exchange.reverse(transfer_id, key=key)
    assert (again.transfer_id, again.repeated) == (failed.transfer_id, True)
    second = await exchange.reverse(transfer_id)
    assert second.transfer_id != failed.transfer_id
    assert await exchange.end(second.transfer_id) == "completed"
    assert await exchange.balances() == (500, 100)


async def test_of_reversals_that_race_exactly_one_is_recorded(exchange: Exchange, both: Both) -> None:
    transfer_id = await exchange.completed()
    others = [Exchange(both.store, both.prefix) for _ in range(4)]
    found = await asyncio.gather(
        *(each.reverse(transfer_id) for each in others for _ in range(4)), return_exceptions=True
    )
    (receipt,) = [each for each in found if isinstance(each, TransferReceipt)]
    refusals = [each for each in found if isinstance(each, TransferAlreadyReversed)]
    assert len(refusals) == 15
    assert await exchange.end(receipt.transfer_id) == "completed"
    assert await exchange.balances() == (500, 100)


# Reversals of an entry.


@pytest.mark.parametrize("which", ["a", "b"])
async def test_the_reversal_of_an_entry_of_a_transfer_reverses_all_of_it(
    exchange: Exchange, which: str
) -> None:
    command = await leg_of(exchange, getattr(exchange, which))
    receipt = await exchange.transfers.reverse_entry(command, context_of(command))
    assert isinstance(receipt, TransferReceipt)
    assert await exchange.end(receipt.transfer_id) == "completed"
    assert await exchange.balances() == (500, 100)
    again = await exchange.transfers.reverse_entry(command, context_of(command), at(0))
    assert again == msgspec.structs.replace(receipt, repeated=True)


@pytest.mark.parametrize("which", ["a", "b"])
async def test_the_terms_of_such_a_reversal_are_about_the_account_of_the_entry(
    exchange: Exchange, which: str
) -> None:
    account = getattr(exchange, which)
    command = await leg_of(exchange, account)
    await exchange.pay_in(account, 1)
    with pytest.raises(WrongVersion) as wrong:
        await exchange.transfers.reverse_entry(command, context_of(command), at(2))
    assert (wrong.value.stream, wrong.value.revision) == (f"account-{account}", 3)
    receipt = await exchange.transfers.reverse_entry(command, context_of(command), at(3))
    assert isinstance(receipt, TransferReceipt)
    only_at = (await exchange.first(receipt.transfer_id)).event.only_at
    assert only_at == (3 if which == "b" else None)


async def test_the_reversal_of_another_entry_is_booked_on_its_account(exchange: Exchange) -> None:
    command = undoing(exchange.a, await exchange.pay_in(exchange.a, 50))
    receipt = await exchange.transfers.reverse_entry(command, context_of(command), at(2))
    assert isinstance(receipt, Receipt)
    assert await exchange.balances() == (500, 100)


async def test_the_entry_of_a_transfer_on_a_closed_account_is_reversed_too(exchange: Exchange) -> None:
    """The closed account declines the money, and the other one has it back."""
    command = await leg_of(exchange, exchange.a)
    await exchange.give(
        Withdraw(
            account_id=exchange.a, command_id=uuid4(), amount=Amount(300, 2), currency="CZK", booked_on=DAY
        )
    )
    await exchange.give(CloseAccount(account_id=exchange.a, command_id=uuid4()))
    receipt = await exchange.transfers.reverse_entry(command, context_of(command))
    assert isinstance(receipt, TransferReceipt)
    assert receipt.declined == "account-closed"
    assert await exchange.end(receipt.transfer_id) == "refunded"
