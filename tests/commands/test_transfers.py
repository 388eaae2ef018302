"""Requests of transfers: what is recorded, what is refused, and what a repetition is answered."""

import asyncio
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from commands.deciding import ANY, Terms, WrongVersion
from domain.accounts import (
    AccountIsFrozen,
    InsufficientFunds,
    UnknownAccount,
)
from domain.errors import CommandReused, InvalidAmount, SameAccount
from domain.identifiers import AccountId
from domain.money import Amount
from domain.transfers import (
    TRANSFERS,
    Existing,
    transfer_id_of,
)
from eventstore.store import NO_STREAM
from tests.kit.accounts import DAY
from tests.kit.exchange import Exchange
from tests.kit.logs import Both

pytestmark = pytest.mark.asyncio(loop_scope="session")

DRY = Terms(dry_run=True)


def at(*revisions: int) -> Terms:
    return Terms(only_at=revisions)


# Requests.


async def test_a_request_is_recorded_and_moves_nothing_yet(exchange: Exchange) -> None:
    key = uuid4()
    receipt = await exchange.request(exchange.order(200, note="rent", reference="R1"), key=key)
    first = await exchange.first(transfer_id_of(key))
    assert (receipt.transfer_id, receipt.revision, receipt.repeated) == (transfer_id_of(key), 0, False)
    assert receipt.position == first.recorded.position
    assert (receipt.from_account, receipt.to_account) == (exchange.a, exchange.b)
    assert (receipt.amount, receipt.currency) == (200, "CZK")
    assert (first.event.note, first.event.reference, first.event.value_date) == ("rent", "R1", DAY)
    assert await exchange.balances() == (500, 100)
    assert await exchange.end(receipt.transfer_id) == "completed"
    assert await exchange.balances() == (300, 300)


async def test_a_repeated_request_is_answered_as_before_also_when_the_money_is_gone(
    exchange: Exchange,
) -> None:
    key = uuid4()
    first = await exchange.request(exchange.order(500), key=key, terms=at(1))
    await exchange.end(first.transfer_id)
    again = await exchange.request(exchange.order(500), key=key, terms=at(1))
    assert again == msgspec.structs.replace(first, repeated=True)
    assert (await exchange.request(exchange.order(500), key=key, terms=DRY)).repeated
    assert await exchange.balances() == (0, 600)


async def test_a_command_id_is_not_used_for_another_transfer(exchange: Exchange) -> None:
    key = uuid4()
    await exchange.request(key=key)
    for other in (exchange.order(201), exchange.order(note="x"), exchange.order(to_account=exchange.a)):
        with pytest.raises((CommandReused, SameAccount)):
            await exchange.request(other, key=key)


async def test_what_the_paying_account_cannot_pay_is_refused_at_once(exchange: Exchange) -> None:
    with pytest.raises(InsufficientFunds):
        await exchange.request(exchange.order(501))
    await exchange.freeze(exchange.a)
    with pytest.raises(AccountIsFrozen):
        await exchange.request()


async def test_a_request_that_makes_no_sense_is_refused(exchange: Exchange) -> None:
    with pytest.raises(SameAccount):
        await exchange.request(exchange.order(to_account=exchange.a))
    for amount in (Amount(0, 2), Amount(1001, 3)):
        order = msgspec.structs.replace(exchange.order(), amount=amount)
        with pytest.raises(InvalidAmount):
            await exchange.request(order)


@pytest.mark.parametrize("end", ["from_account", "to_account"])
async def test_both_accounts_have_to_exist(exchange: Exchange, end: str) -> None:
    nobody: Any = {end: AccountId(f"{exchange.a}-nobody")}
    with pytest.raises(UnknownAccount, match=nobody[end]):
        await exchange.request(exchange.order(**nobody))


async def test_what_the_receiving_account_declines_goes_back(exchange: Exchange) -> None:
    await exchange.freeze(exchange.b)
    receipt = await exchange.request()
    assert await exchange.end(receipt.transfer_id) == "refunded"
    assert await exchange.balances() == (500, 100)


# Terms of a request.


async def test_a_dry_run_says_what_the_receiving_account_would_do_and_records_nothing(
    exchange: Exchange, both: Both
) -> None:
    tried = await exchange.request(terms=DRY)
    assert (tried.position, tried.repeated, tried.declined) == (None, False, None)
    assert await both.store.read_stream(TRANSFERS.stream(str(tried.transfer_id))) == []
    euros = AccountId(f"{exchange.a}-eur")
    await exchange.pay_in(euros, 1, "EUR")
    assert (
        await exchange.request(exchange.order(to_account=euros), terms=DRY)
    ).declined == "currency-mismatch"
    await exchange.freeze(exchange.b)
    assert (await exchange.request(terms=DRY)).declined == "account-frozen"
    with pytest.raises(InsufficientFunds):
        await exchange.request(exchange.order(501), terms=DRY)


async def test_a_request_for_another_revision_of_the_paying_account_is_refused(exchange: Exchange) -> None:
    for terms, order in ((at(0, 2), exchange.order()), (at(0), exchange.order(501))):
        with pytest.raises(WrongVersion) as wrong:
            await exchange.request(order, terms=terms)
        assert wrong.value.revision == 1
    nobody = exchange.order(from_account=AccountId(f"{exchange.a}-nobody"))
    with pytest.raises(WrongVersion) as unknown:
        await exchange.request(nobody, terms=Terms(only_at=ANY))
    assert unknown.value.revision == NO_STREAM


async def test_an_account_that_has_changed_since_is_not_debited(exchange: Exchange) -> None:
    kept = await exchange.request(terms=at(1, 7))
    assert (await exchange.first(kept.transfer_id)).event.only_at == 1
    await exchange.pay_in(exchange.a, 1)
    assert await exchange.end(kept.transfer_id) == "refused"
    transfer = await exchange.transfers.state(kept.transfer_id)
    assert isinstance(transfer, Existing)
    assert transfer.standing.reason == "account-changed"


async def test_any_revision_does_not_bind_the_debit(exchange: Exchange) -> None:
    receipt = await exchange.request(terms=Terms(only_at=ANY))
    await exchange.pay_in(exchange.a, 1)
    assert await exchange.end(receipt.transfer_id) == "completed"


async def test_of_requests_with_one_id_that_race_one_is_recorded(exchange: Exchange, both: Both) -> None:
    key = uuid4()
    others = [Exchange(both.store, both.prefix) for _ in range(4)]
    found = await asyncio.gather(*(each.request(key=key) for each in others for _ in range(4)))
    ((transfer_id, _),) = {(each.transfer_id, each.position) for each in found}
    assert len(await both.store.read_stream(TRANSFERS.stream(str(transfer_id)))) == 1
